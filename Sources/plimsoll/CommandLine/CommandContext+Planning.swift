import Engines
import Hardware
import Models
import Planning
import Profiles
import Units

extension CommandContext {
  /// The one planner that every command asks, with the speed model's constants and what this machine was measured at.
  func planner(_ catalogue: Profiles, for machine: Machine) -> Planner {
    Planner(speed: estimator(catalogue, for: machine))
  }

  /// What the arguments ask for, and the planner that answers it.
  func asked(
    _ found: FoundModel, _ options: PlanOptions, _ machine: MachineOption, replicas: Int? = nil
  ) async throws -> (request: PlanRequest, planner: Planner) {
    let profiles = machine.catalogue(self)
    var request = try options.request(
      found.model, siblings: found.siblings, on: try await machine.machine(self),
      workload: try WorkloadOption.named(options.workload, profiles))
    request.replicas = replicas
    return (request, planner(profiles, for: request.machine))
  }

  /// Plans what the arguments ask for.
  func plan(
    _ found: FoundModel, _ options: PlanOptions, _ machine: MachineOption, findsLimits: Bool, replicas: Int? = nil
  ) async throws -> Plan {
    var (request, planner) = try await asked(found, options, machine, replicas: replicas)
    planner.findsLimits = findsLimits
    return planner.plan(request)
  }
}

extension Plan {
  /// Ends a command that asks for one thing that fits.
  ///
  /// - Throws: `Failure` with the nearest thing that would work, where nothing fits.
  func requireAnswer() throws {
    guard chosen == nil else { return }
    let reason = reasons.last ?? Reason(.insufficientMemory, "nothing fits")
    throw Failure(.doesNotFit, reason.code, reason.message, remedy: reason.remedy)
  }

  /// The option that can be started now: the chosen one where it is a file, else the best file that fits.
  ///
  /// - Throws: `Failure` with the reason and the nearest thing that would work.
  func deployable() throws -> PlanOption {
    if let chosen, options.indices.contains(chosen), options[chosen].launch != nil { return options[chosen] }
    let files = options.filter { $0.origin == .file }
    if let usable = files.first(where: { ($0.verdict == .fits || $0.verdict == .tight) && $0.launch != nil }) {
      return usable
    }
    let reason = files.first?.reason ?? reasons.last ?? Reason(.nothingToPlan, "there is nothing to deploy")
    let better = chosen.map { "\(options[$0].quantization) would fit: make it with \(options[$0].maker)" }
    throw Failure(.doesNotFit, reason.code, reason.message, remedy: better ?? reason.remedy)
  }
}

extension PlanOption {
  /// The program that makes such a form.
  var maker: String {
    EngineCatalogue.engine(engine).serving.quantizer ?? "the engine's own tool"
  }
}
