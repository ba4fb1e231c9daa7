import Engines
import Hub
import Models
import Planning
import Units

/// What a plan says of the forms of one repository.
struct RepositoryPlan {
  private let options: [PlanOption]
  private let remote: RemoteModel

  init(_ plan: Plan, _ remote: RemoteModel) {
    options = plan.options
    self.remote = remote
  }

  /// The repository's choices.
  var selection: FileSelection { remote.selection }

  /// The option that a choice of the repository stands for; nil where it was not planned.
  func option(for variant: ModelVariant) -> PlanOption? {
    options.first { option in
      let path = option.launch?.modelPath
      return path.map { remote.variant(at: $0) == variant } ?? (option.quantization == variant.label)
    }
  }
}

/// Plans repositories of the Hub on one machine, each by one header and its listing.
struct RepositoryPlanner {
  private let client: HubClient
  private let planner: Planner
  private let blank: (Model) -> PlanRequest

  init(_ machine: MachineOption, client: HubClient, context: CommandContext) async throws {
    let target = try await machine.machine(context)
    self.client = client
    planner = context.planner(machine.catalogue(context), for: target)
    blank = { PlanRequest(model: $0, machine: target) }
  }

  /// Returns the plan.
  ///
  /// - Throws: what kept the header from being read, which leaves the listing as it is.
  func plan(_ repository: HubRepository, listing: [HubFile]) async throws -> RepositoryPlan {
    let reference = HubReference(repository: repository.name)
    let folder = try await RemoteRepository(
      repository: repository.name, commit: repository.commit ?? reference.revision, listing: listing, client: client)
    let remote = try await RemoteModel(reference, in: folder, client: client)
    var request = blank(remote.model)
    request.siblings = remote.siblings
    request.quantizations = .files
    return RepositoryPlan(planner.plan(request), remote)
  }
}
