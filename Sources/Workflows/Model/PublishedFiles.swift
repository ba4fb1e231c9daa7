import Engines
import Hub
import Models
public import Planning
import Platform
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
    var failure: HubError?
    var listed: [String: [String]] = [:]
    for option in ranked where option.repository != nil {
      for repository in option.origin == .file ? [entry.repository] : entry.ggufRepositories {
        // Once the Hub has not answered, only what is in the cache is of use.
        if let failure, !failure.isAboutOneRepository, cachedLabels(of: repository) == nil { continue }
        do {
          guard let reference = try await reference(to: option, in: repository, &listed) else { continue }
          var files = try await ModelSource(reference, in: workspace).found()
          files.download?.asksAlways = true
          workspace.audience.note(
            "\(entry.name): \(option.quantization) with \(option.engine.rawValue), from \(printable(reference))")
          return files
        } catch let error as HubError {
          listed[repository] = listed[repository] ?? []
          failure = failure.flatMap { $0.isAboutOneRepository ? nil : $0 } ?? error
        }
      }
    }
    if let failure { throw unreached(entry, failure) }
    throw Failure(
      .refusedInput, .catalogueName, "no known repository publishes \(entry.name) in a form that fits here",
      remedy: "plimsoll models search \(entry.name) --fits finds others; name one as hf:ORG/NAME")
  }

  /// Refuses a catalogue's model that would have to be fetched where the Hub does not answer, before anything takes time.
  ///
  /// - Throws: `Failure` with what works without the Hub.
  public func requireReach(of found: FoundModel) async throws {
    guard let entry = found.catalogueEntry else { return }
    var failure: HubError?
    for repository in entry.ggufRepositories + [entry.repository] {
      if failure != nil, cachedLabels(of: repository) == nil { continue }
      do {
        _ = try await labels(of: repository)
        return
      } catch let error as HubError {
        if error.isAboutOneRepository { return }
        failure = failure ?? error
      }
    }
    if let failure { throw unreached(entry, failure) }
  }

  /// What a catalogue's name cannot become without the Hub, and what can be run instead.
  private func unreached(_ entry: ModelEntry, _ error: HubError) -> any Error {
    switch error {
    case .offline:
      Failure(
        .failed, .offline, "\(entry.name) is not in the cache, and HF_HUB_OFFLINE keeps it from being fetched",
        remedy: workspace.offlineRemedy)
    case .unreachable(let cause):
      Failure(
        .failed, .hubUnreachable, "\(entry.name) is not on this machine: \(cause.reason.message)",
        remedy: workspace.offlineRemedy)
    default: error
    }
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
      guard let labels = cachedLabels(of: repository) else { throw HubError.offline(wanted: repository) }
      return labels
    }
    do {
      let remote = try await RemoteRepository(HubReference(repository: repository), client: client)
      return try await remote.selection().variants.map(\.label)
    } catch HubError.unreachable(let cause) {
      guard let labels = cachedLabels(of: repository) else { throw HubError.unreachable(cause) }
      return labels
    }
  }

  private func cachedLabels(of repository: String) -> [String]? {
    let cached = HubCache(root: workspace.hub.cache).model(repository)
    guard let files = cached?.snapshots.flatMap(\.files), !files.isEmpty else { return nil }
    let listing = files.map { HubFile(path: $0.path, bytes: $0.bytes, etag: $0.etag ?? "") }
    return FileSelection(repository: repository, files: listing).variants.map(\.label)
  }

  /// llama.cpp's mix of MXFP4 has two names.
  private static func plain(_ label: String) -> String {
    let upper = label.uppercased()
    return upper.hasPrefix("MXFP4") ? "MXFP4" : upper
  }
}
