import Planning
import Workflows

extension Workspace {
  /// What the arguments ask for, and the planner that answers it.
  func asked(
    _ found: FoundModel, _ options: PlanOptions, _ machine: MachineOption, replicas: Int? = nil
  ) async throws -> (request: PlanRequest, planner: Planner) {
    var request = try options.request(
      found.model, siblings: found.siblings, on: try await machine.machine(self),
      workload: try WorkloadOption.named(options.requests.workload, catalogue()),
      guessing: try await options.form.speculation.guessing(in: self))
    request.replicas = replicas
    request.published = found.published
    if machine.expression == nil { request.enginesHere = enginesHere }
    return (request, planner(for: request.machine))
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
