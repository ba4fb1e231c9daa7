import Engines
import Hub
import Models
public import Planning
import Units

/// The published files that a catalogue's name stands for, in the form that suits a machine best.
public struct PublishedFiles: Sendable {
  private let workspace: Workspace

  public init(in workspace: Workspace) { self.workspace = workspace }

  /// Finds the files of the best form that somebody publishes; a model that is no catalogue name stays as it is.
  ///
  /// - Parameter plan: the plan of the catalogue's model, over all forms.
  /// - Throws: `Failure` where nothing fits or nobody publishes a form of it, `HubError` where the Hub does not answer.
  public func chosen(for found: FoundModel, plan: (FoundModel) async throws -> Plan) async throws -> FoundModel {
    guard let entry = found.catalogueEntry else { return found }
    let plan = try await plan(found)
    try plan.requireAnswer()
    let ranked = (plan.ranking ?? []).map { plan.options[$0] }
    var failure: (any Error)?
    var listed: [String: [String]] = [:]
    for option in ranked where option.repository != nil {
      let repositories = option.origin == .file ? [entry.repository] : entry.ggufRepositories
      for repository in repositories {
        do {
          guard let reference = try await reference(to: option, in: repository, &listed) else { continue }
          var files = try await ModelSource(reference, in: workspace).found()
          files.download?.asksAlways = true
          workspace.audience.note(
            "\(entry.name): \(option.quantization) with \(option.engine.rawValue), from \(printable(reference))")
          return files
        } catch let error as HubError {
          guard error.isAboutOneRepository else { throw error }
          listed[repository] = listed[repository] ?? []
          failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
    throw Failure(
      .refusedInput, .catalogueName, "no repository is known that publishes a form of \(entry.name) that fits here",
      remedy: "plimsoll models search \(entry.name) --fits finds others; name one as hf:ORG/NAME")
  }

  /// How the files of an option are named; nil where the repository has no such form.
  private func reference(
    to option: PlanOption, in repository: String, _ listed: inout [String: [String]]
  ) async throws -> String? {
    if option.origin == .file { return "hf:\(repository)" }
    var labels = listed[repository]
    if labels == nil {
      labels = try await self.labels(of: repository)
      listed[repository] = labels
    }
    let label = labels?.first { Self.plain($0) == Self.plain(option.quantization) }
    return label.map { "hf:\(repository):\($0)" }
  }

  /// The forms that a repository holds: by its listing, offline by what the cache has of it.
  private func labels(of repository: String) async throws -> [String] {
    let client = workspace.hubClient()
    if client.endpoint.isOffline {
      let cached = HubCache(root: client.endpoint.cache).model(repository)
      guard let files = cached?.snapshots.flatMap(\.files), !files.isEmpty else {
        throw HubError.offline(wanted: repository)
      }
      let listing = files.map { HubFile(path: $0.path, bytes: $0.bytes, etag: $0.etag ?? "") }
      return FileSelection(repository: repository, files: listing).variants.map(\.label)
    }
    let remote = try await RemoteRepository(HubReference(repository: repository), client: client)
    return try await remote.selection().variants.map(\.label)
  }

  /// llama.cpp's mix of MXFP4 has two names.
  private static func plain(_ label: String) -> String {
    let upper = label.uppercased()
    return upper.hasPrefix("MXFP4") ? "MXFP4" : upper
  }
}
