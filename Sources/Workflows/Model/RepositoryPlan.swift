import Engines
public import Hardware
public import Hub
import Models
public import Planning
import Units

/// What a plan says of the forms of one repository.
public struct RepositoryPlan: Sendable {
  private let options: [PlanOption]
  private let remote: RemoteModel

  init(_ plan: Plan, _ remote: RemoteModel) {
    options = plan.options
    self.remote = remote
  }

  /// The repository's choices.
  public var selection: FileSelection { remote.selection }

  /// The option that a choice of the repository stands for; nil where it was not planned.
  public func option(for variant: ModelVariant) -> PlanOption? {
    options.first { option in
      let path = option.launch?.modelPath
      return path.map { remote.variant(at: $0) == variant } ?? (option.quantization == variant.label)
    }
  }
}

/// Plans repositories of the Hub on one machine, each by one header and its listing.
public struct RepositoryPlanner: Sendable {
  private let client: HubClient
  private let planner: Planner
  private let machine: Machine

  public init(for machine: Machine, client: HubClient, in workspace: Workspace) {
    self.client = client
    self.machine = machine
    planner = workspace.planner(for: machine)
  }

  /// Returns the plan.
  ///
  /// - Throws: what kept the header from being read, which leaves the listing as it is.
  public func plan(_ repository: HubRepository, listing: [HubFile]) async throws -> RepositoryPlan {
    let reference = HubReference(repository: repository.name)
    let folder = try await RemoteRepository(
      repository: repository.name, commit: repository.commit ?? reference.revision, listing: listing, client: client)
    let remote = try await RemoteModel(reference, in: folder, client: client)
    var request = PlanRequest(model: remote.model, machine: machine)
    request.siblings = remote.siblings
    request.quantizations = .files
    return RepositoryPlan(planner.plan(request), remote)
  }
}
