import Foundation
public import Hub
public import Models
import Platform
import Profiles
import Units

/// A model as a command found it: what it is, its other quantizations, and what to fetch before it can run.
public struct FoundModel: Sendable {
  public var model: Model
  /// Other forms of the same model that exist as files.
  public var siblings: [Model] = []
  /// What was asked of servers; nil for local files.
  public var fetched: RequestLedger.Totals?
  /// Fetches it from the Hub; nil for local files, and for addresses that are no Hub's.
  public var download: ModelDownload?
  /// The address of a single file on some other server, which names no hash that a download could be held to.
  public var address: String?
  /// The catalogue's entry that the name stands for.
  public var catalogueEntry: ModelEntry?

  /// Repositories of the Hub that hold a catalogue model's weights.
  public var published: PublishedWeights { catalogueEntry?.published ?? PublishedWeights() }

  /// Makes the files at a path be there.
  ///
  /// - Parameters:
  ///   - isAgreed: true where the user gave `--yes`.
  ///   - loadsPickles: true where the user gave `--allow-pickle`.
  public func fetch(_ path: String, isAgreed: Bool, loadsPickles: Bool = false) async throws {
    if let catalogueEntry {
      throw Failure(
        .usage, .catalogueName, "\(catalogueEntry.name) is a catalogue name: which of its files to run is not said",
        remedy: "name the files: hf:\(catalogueEntry.gguf.first ?? catalogueEntry.repository)")
    }
    if let address {
      throw Failure(
        .refusedInput, .unverifiableDownload, "\(address) names no hash, so what comes from there is not run",
        remedy: "download it yourself and name the file, or name it as hf:org/name")
    }
    try await download?.fetch(path, isAgreed: isAgreed, loadsPickles: loadsPickles)
  }
}

/// A model as named on the command line: a catalogue name, a file or folder, one of another application, or remote.
public struct ModelSource: Sendable {
  let name: String
  let workspace: Workspace

  /// - Parameter name: as the command line has it; a bare name of a file that `engines install` brought stands for it.
  public init(_ name: String, in workspace: Workspace) {
    let installed = "\(workspace.folders.models)/\(name)"
    let isInstalled =
      name.hasSuffix(".gguf") && !name.contains("/") && !FileManager.default.fileExists(atPath: name)
      && FileManager.default.fileExists(atPath: installed)
    self.name = isInstalled ? installed : name
    self.workspace = workspace
  }

  /// Reads the headers of the one form that is named, by as few requests as can be.
  ///
  /// `hf:` and `https://` are remote; what is there as a file or looks like one is a path, everything else a catalogue name.
  public func read() async throws -> FoundModel {
    if let (app, model) = LocalApp.reference(name) { return try kept(by: app, model) }
    if isCatalogueName { return try named() }
    guard isRemote else { return FoundModel(model: try ModelReader.read(path: name)) }
    if isCacheOnly { return try cached(try HubReference(parsing: name)) }
    let client = client
    let model = try await read(with: client)
    return FoundModel(model: model, fetched: client.ledger.totals)
  }

  /// Reads the model with every other quantization that the folder or the repository holds.
  public func found() async throws -> FoundModel {
    if let (app, model) = LocalApp.reference(name) { return try kept(by: app, model) }
    if isCatalogueName { return try named() }
    guard isRemote else { return try local(name) }
    let client = client
    guard let reference = try reference(client.endpoint) else {
      let model = try await ModelReader.read(gguf: client.open(address: name))
      return FoundModel(model: model, fetched: client.ledger.totals, address: name)
    }
    if client.endpoint.isOffline { return try cached(reference) }
    let remote: RemoteModel
    do {
      remote = try await RemoteModel(reference, client: client)
    } catch HubError.unreachable(let cause) {
      // What was fetched before needs no Hub.
      guard let kept = try? cached(reference) else { throw HubError.unreachable(cause) }
      workspace.audience.note(
        "\(printable(cause.reason.message)): \(printable("\(reference)")) is taken from the cache")
      return kept
    }
    return FoundModel(
      model: remote.model, siblings: remote.siblings, fetched: client.ledger.totals,
      download: ModelDownload(remote: remote, client: client, audience: workspace.audience))
  }

  /// True for what is no address, no file that is there, and not written as a path.
  private var isCatalogueName: Bool {
    guard !isRemote, !name.isEmpty, !FileManager.default.fileExists(atPath: name) else { return false }
    let endings = [".gguf", ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".json", "/"]
    return !["/", ".", "~"].contains(where: name.hasPrefix) && !endings.contains(where: name.lowercased().hasSuffix)
      && name.count(where: { $0 == "/" }) <= 1
  }

  /// Reads a model where another application keeps it, under the name that it has there.
  private func kept(by app: LocalApp, _ name: String) throws -> FoundModel {
    var found = try local(try app.model(name, workspace.environment).path)
    found.model.name = name
    return found
  }

  private func named() throws -> FoundModel {
    let catalogue = workspace.catalogue().modelCatalogue()
    if let generic = try catalogue.genericModel(ofSize: name) { return FoundModel(model: generic) }
    let entry = try catalogue.entry(named: name)
    return FoundModel(model: try entry.model(), catalogueEntry: entry)
  }

  private var isAddress: Bool { name.hasPrefix("https://") || name.hasPrefix("http://") }
  private var isRemote: Bool { isAddress || HubReference.isReference(name) }
  private var isCacheOnly: Bool { !isAddress && client.endpoint.isOffline }
  private var client: HubClient { workspace.hubClient() }

  /// What is meant on the Hub; nil for an address elsewhere.
  private func reference(_ endpoint: HubEndpoint) throws -> HubReference? {
    isAddress ? HubReference(address: name, endpoint: endpoint) : try HubReference(parsing: name)
  }

  private func read(with client: HubClient) async throws -> Model {
    guard let reference = try reference(client.endpoint) else {
      return try await ModelReader.read(gguf: client.open(address: name))
    }
    if let file = reference.selection, file.hasSuffix(".gguf"), !file.contains("-of-") {
      return try await ModelReader.read(gguf: client.open(reference))
    }
    let repository = try await RemoteRepository(reference, client: client)
    let choice = try await repository.selection().choose(reference.selection)
    return try await ModelReader.read(folder: repository, weights: choice.weights.map(\.path))
  }

  /// Reads what is in the cache, with no network.
  private func cached(_ reference: HubReference) throws -> FoundModel {
    let cache = HubCache(root: workspace.hub.cache)
    if reference.selection == nil, let commit = cache.commit(reference.repository, revision: reference.revision) {
      let folder = cache.snapshot(reference.repository, commit: commit)
      do {
        _ = try cache.locate(reference)
      } catch HubError.noMatch, HubError.ambiguous {
        // Several quantizations are several rows of a plan.
      }
      if FileManager.default.fileExists(atPath: folder) { return try local(folder) }
    }
    guard let found = try cache.locate(reference), let first = found.files.first else {
      throw HubError.offline(wanted: "\(reference)")
    }
    let isWhole = first.path.hasSuffix(".gguf")
    return FoundModel(model: try ModelReader.read(path: isWhole ? found.path(of: first) : found.snapshot))
  }

  /// Reads a file, or a folder in which each GGUF is a quantization of the same model.
  private func local(_ path: String) throws -> FoundModel {
    let files = ggufFiles(in: path)
    guard files.count > 1 else { return FoundModel(model: try ModelReader.read(path: path)) }
    let models = try files.map { try ModelReader.read(path: $0) }
      .sorted { ($0.tensorBytes?.value.bytes ?? 0) > ($1.tensorBytes?.value.bytes ?? 0) }
    guard let largest = models.first else { return FoundModel(model: try ModelReader.read(path: path)) }
    return FoundModel(
      model: largest, siblings: models.dropFirst().filter { $0.architecture == largest.architecture })
  }

  /// The whole GGUF files of a folder, one for each split model; none for a file.
  private func ggufFiles(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { name in
      name.hasSuffix(".gguf") && !name.lowercased().contains("mmproj")
        && (name.range(of: #"-\d{5}-of-\d{5}"#, options: .regularExpression) == nil || name.contains("-00001-of-"))
    }.sorted().map { "\(folder)/\($0)" }
  }
}
