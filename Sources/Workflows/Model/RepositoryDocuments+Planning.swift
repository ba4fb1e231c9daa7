public import Hardware
public import Hub
import Planning
public import Reporting
import Units

extension SearchDocument {
  /// Adds files, and what a plan says of them where there is a planner.
  ///
  /// A repository that cannot be planned says why in its row; where the Hub itself fails, the rest stays without verdicts.
  ///
  /// - Throws: `CancellationError`.
  public mutating func add(_ found: HubListings, planner: RepositoryPlanner?) async throws {
    incomplete = incomplete ?? found.incomplete
    var isRefused = found.incomplete != nil
    for index in repositories.indices {
      let repository = repositories[index].repository
      repositories[index].unplanned = found.refused[repository.name]
      guard let listing = found.files[repository.name] else { continue }
      var plan: RepositoryPlan?
      if let planner, !isRefused {
        do {
          plan = try await planner.plan(repository, listing: listing)
        } catch let error as any ExplainedError {
          repositories[index].unplanned = error.reason
          if let error = error as? HubError, !error.isAboutOneRepository {
            isRefused = true
            incomplete = incomplete ?? error.reason
          }
        }
      }
      let selection = plan?.selection ?? FileSelection(repository: repository.name, files: listing)
      repositories[index].variants = selection.variants.map {
        VariantRow($0, of: repository.name, plan: plan?.option(for: $0))
      }
    }
  }
}

extension ShowDocument {
  /// A repository with each of its choices, what a plan says of them, and what of them is in the cache.
  ///
  /// - Throws: `HubError` where the repository itself cannot be read; a model that cannot be planned is listed without
  ///   verdicts.
  public static func made(_ reference: HubReference, for machine: Machine, in workspace: Workspace) async throws -> Self
  {
    let client = workspace.hubClient()
    let cached = HubCache(root: client.endpoint.cache).model(reference.repository)
    let repository = try await client.repository(reference.repository, revision: reference.revision)
    let listing = try await client.files(reference.repository, commit: repository.commit ?? reference.revision)
    var plan: RepositoryPlan?
    var unplanned: Reason?
    do {
      plan = try await RepositoryPlanner(for: machine, client: client, in: workspace).plan(repository, listing: listing)
    } catch let error as any ExplainedError {
      unplanned = error.reason
    }
    let selection = plan?.selection ?? FileSelection(repository: repository.name, files: listing)
    let rows = selection.variants.map {
      VariantRow($0, of: repository.name, plan: plan?.option(for: $0), cached: cached)
    }
    return ShowDocument(
      repository, variants: rows, cached: cached, unplanned: unplanned, cost: client.ledger.totals)
  }
}
