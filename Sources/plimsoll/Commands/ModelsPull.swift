import ArgumentParser
import Hub
import Platform
import Synchronization
import Units

struct ModelsPull: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Fetch a model into the Hugging Face cache, verified; resumes where an earlier run stopped.",
    discussion: """
      Example: plimsoll models pull ggml-org/SmolLM2-135M-Instruct-GGUF:Q8_0
      fetches one quantization with all its parts and its projector, and prints the path to give to an engine.
      """)
  @Argument(help: "org/name[@revision][:QUANT|file].") var model: String
  @Flag(help: "Every file of the repository.") var all = false
  @Flag(help: "Show what would be fetched, and fetch nothing.") var print = false
  @Flag(help: "Fetch PyTorch's pickle files although loading them can run code.") var allowPickle = false
  @Option(help: "Requests at once.") var connections = 8
  @Option(help: "Bytes that one request asks for.") var blockBytes = PullOptions().blockBytes
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if !(1...64).contains(connections) { throw ValidationError("--connections takes 1 to 64") }
    if !(65_536...1 << 40).contains(blockBytes) { throw ValidationError("--block-bytes takes 65536 or more") }
  }

  func run() async throws {
    let context = CommandContext()
    let endpoint = HubEndpoint(environment: context.environment)
    let reference = try HubReference(parsing: model)
    if endpoint.isOffline {
      guard let found = try HubCache(root: endpoint.cache).locate(reference) else {
        throw HubError.offline(wanted: "\(reference)")
      }
      return try report(found, isOffline: true)
    }
    let client = context.hubClient()
    let found = try await find(reference, client)
    if let projector = found.projector, found.projectors > 1 {
      Terminal.note("of \(found.projectors) projectors \(printable(projector.path)) belongs to it")
    }
    if print { return try preview(found.files) }
    var options = PullOptions()
    options.connections = connections
    options.connectionsPerFile = max(1, connections / 2)
    options.blockBytes = blockBytes
    let bar = ProgressLine(context.terminal)
    let result = try await Puller(client: client, options: options).pull(
      found.files, of: reference.repository, revision: reference.revision, commit: found.commit,
      onProgress: { bar.show($0) })
    bar.end()
    try report(result)
  }

  /// What to fetch.
  private struct Found {
    var commit: String
    var files: [HubFile]
    /// How many projectors there were to choose from.
    var projectors = 0
    var projector: HubFile?
  }

  /// The commit and what to fetch of it; a file of a server without listings is asked for by its own address.
  private func find(_ reference: HubReference, _ client: HubClient) async throws -> Found {
    do {
      let repository = try await RemoteRepository(reference, client: client)
      if all {
        try HubDownloads.refusePickles(repository.listing, of: reference.repository, isAllowed: allowPickle)
        return Found(commit: repository.commit, files: repository.listing)
      }
      return try choose(try await repository.selection(), reference, commit: repository.commit)
    } catch HubError.missingRepository(let name, let hasToken) {
      guard let path = reference.selection, path.contains("."), !all else {
        throw HubError.missingRepository(name: name, hasToken: hasToken)
      }
      let found = try await client.file(reference.repository, revision: reference.revision, path: path)
      let alone = FileSelection(repository: reference.repository, files: [found.file])
      return try choose(alone, reference, commit: found.commit)
    }
  }

  private func choose(_ selection: FileSelection, _ reference: HubReference, commit: String) throws -> Found {
    let variant = try selection.choose(reference.selection)
    try HubDownloads.refusePickles(variant, of: reference.repository, isAllowed: allowPickle)
    return Found(
      commit: commit, files: variant.files, projectors: selection.projectorCount, projector: variant.projector)
  }

  private func preview(_ files: [HubFile]) throws {
    if json { return try JSONOutput.print(PreviewDocument(files: files, bytes: files.contentBytes)) }
    for file in files { Terminal.result("\(file.bytes)  \(printable(file.path))") }
    Terminal.result("\(files.contentBytes) in \(counted(files.count, "file"))")
  }

  /// Results are paths, one a line, so that a script can go on with them; the account goes to standard error.
  private func report(_ result: PullResult, isOffline: Bool = false) throws {
    if json { return try JSONOutput.print(PullDocument(result)) }
    let weights = result.files.first { $0.path.hasSuffix(".gguf") }
    let path = weights.map { result.path(of: $0) } ?? result.snapshot
    if isOffline {
      Terminal.note("HF_HUB_OFFLINE is set: taken from the cache as it is; plimsoll models verify checks its hashes")
      return Terminal.result(path)
    }
    guard result.bytesFetched > .zero else {
      Terminal.note(
        "\(result.bytesFound) there before, verified when fetched; plimsoll models verify hashes it again")
      return Terminal.result(path)
    }
    let rate = result.seconds > 0 ? Double(result.bytesFetched.bytes) / result.seconds : 0
    Terminal.note(
      "\(result.bytesFetched) fetched in \(formattedSeconds(result.seconds)) (\(ByteCount(Int(rate)))/s), "
        + "\(result.bytesFound) there before, \(counted(result.requests, "request")), every hash right")
    Terminal.result(path)
  }
}

/// `models pull --print --json`.
private struct PreviewDocument: Encodable {
  var schema = "plimsoll.pull-preview/1"
  var files: [HubFile]
  var bytes: ByteCount
}

/// `models pull --json`.
private struct PullDocument: Encodable {
  var schema = "plimsoll.pull/1"
  var result: PullResult

  init(_ result: PullResult) { self.result = result }
}

/// The moving line that a download shows on a terminal, or a note every ten seconds elsewhere.
final class ProgressLine: Sendable {
  private let terminal: Terminal
  private let lastNote = Mutex<Int64>(0)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func show(_ progress: PullProgress) {
    let share = progress.bytesTotal > .zero ? Double(progress.bytesDone.bytes) / Double(progress.bytesTotal.bytes) : 1
    var text = "\((share * 100).formatted(decimals: 1)) %  \(progress.bytesDone) of \(progress.bytesTotal)"
    if let rate = progress.bytesPerSecond { text += "  \(ByteCount(Int(rate)))/s" }
    if let left = progress.secondsLeft { text += "  \(formattedSeconds(left.rounded())) left" }
    if progress.filesTotal > 1 { text += "  \(progress.filesDone) of \(progress.filesTotal) files" }
    if let pause = progress.serverPause { text += "  (the server asks to wait \(formattedSeconds(pause.rounded())))" }
    if progress.waitsForOthers { text += "  (another process fetches one of them)" }
    if terminal.isLive { return terminal.draw(text) }
    let now = MonotonicClock().now()
    let isDue = lastNote.withLock { last in
      if last == 0 { last = now }
      guard now - last > 10_000_000_000 else { return false }
      last = now
      return true
    }
    if isDue { Terminal.note(text) }
  }

  func end() { terminal.draw("") }
}
