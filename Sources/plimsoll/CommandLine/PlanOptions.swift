import ArgumentParser
import Engines
import Hardware
import Models
import Planning
import Units
import Workflows

/// What is asked of a model and of the server that would carry it.
struct PlanOptions: ParsableArguments {
  @OptionGroup(title: "Objective") var objectives: ObjectiveOptions
  @OptionGroup(title: "Model") var form: FormOptions
  @OptionGroup(title: "Workload") var requests: RequestOptions
  @OptionGroup(title: "Memory") var memory: MemoryOptions
  @OptionGroup(title: "Parallelism") var placement: PlacementOptions
  @OptionGroup(title: "Engine") var engines: EngineOptions

  /// The request of one model on one machine, for a workload of which any part may be given otherwise.
  func request(
    _ model: Model, siblings: [Model], on machine: Machine, workload: Workload, guessing: Guessing?
  ) throws -> PlanRequest {
    var request = try wishes().request(model, siblings: siblings, on: machine, workload: workload)
    request.load(beside: try form.companions(of: model))
    if let guessing { request.guess(by: guessing, acceptance: form.speculation.draftAcceptance) }
    do {
      return try request.spanning(placement.nodes)
    } catch {
      throw Failure(.usage, error.code, error.message, remedy: error.remedy)
    }
  }

  private func wishes() throws -> PlanWishes {
    var wishes = PlanWishes()
    objectives.apply(to: &wishes)
    (wishes.quantizations, wishes.hasImportanceMatrix) = (form.quantizations, form.imatrix)
    requests.apply(to: &wishes)
    (wishes.engines, wishes.threads) = (engines.engine, engines.threads)
    wishes.kvType = try memory.cacheType()
    wishes.settings = try settings()
    wishes.placement = try placement.wishes()
    return wishes
  }

  private func settings() throws -> EngineSettings {
    var settings = EngineSettings()
    try memory.apply(to: &settings)
    placement.apply(to: &settings)
    settings.enforceEager = engines.enforceEager
    settings.projectorPath = form.mmproj == "none" ? nil : form.mmproj
    return settings
  }
}

extension PlanOptions {
  /// The options of a plan that the words of a command line give, in their order.
  ///
  /// The parser does not tell what was given from what was left at its default: the names are those of the properties.
  static func given(in words: [String]) -> [String] {
    let groups: [any ParsableArguments] = [
      FormOptions(), SpeculationOptions(), RequestOptions(), MemoryOptions(), PlacementOptions(), EngineOptions(),
      ObjectiveOptions(),
    ]
    let names = Set(groups.flatMap { Self.names(of: $0) } + ["--max-context", "--concurrency", "--for"])
    return words.prefix { $0 != "--" }.map { String($0.prefix { $0 != "=" }) }.filter { names.contains($0) }
  }

  /// Refuses options that a saved plan has answered already. What of it spans machines is said where it is deployed.
  static func refuseBesideAPlan(_ machine: MachineOption) throws {
    let given = given(in: CommandLine.arguments).filter { $0 != "--nodes" }
    let unused = given + (machine.expression == nil ? [] : ["--on"])
    if !unused.isEmpty {
      throw ValidationError("--plan already has a plan; plan again to use \(unused.joined(separator: ", "))")
    }
  }

  private static func names(of options: any ParsableArguments) -> [String] {
    Mirror(reflecting: options).children.compactMap(\.label).map { label in
      "--"
        + label.drop { $0 == "_" }.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
    }
  }
}
