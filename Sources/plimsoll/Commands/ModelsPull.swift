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
    let client = HubClient(endpoint: endpoint)
    let (commit, files) = try await find(reference, client)
    if print { return try preview(files) }
    var options = PullOptions()
    options.connections = connections
    options.connectionsPerFile = max(1, connections / 2)
    options.blockBytes = blockBytes
    let bar = ProgressLine(context.terminal)
    let result = try await Puller(client: client, options: options).pull(
      files, of: reference.repository, revision: reference.revision, commit: commit, onProgress: { bar.show($0) })
    bar.end()
    try report(result)
  }

  /// The commit and what to fetch of it; a file of a server without listings is asked for by its own address.
  private func find(_ reference: HubReference, _ client: HubClient) async throws -> (String, [HubFile]) {
    do {
      let repository = try await client.repository(reference.repository, revision: reference.revision)
      let commit = repository.commit ?? reference.revision
      return (commit, try choose(reference, try await client.files(reference.repository, commit: commit)))
    } catch HubError.missingRepository(let name, let hasToken) {
      guard let path = reference.selection, path.contains("."), !all else {
        throw HubError.missingRepository(name: name, hasToken: hasToken)
      }
      let found = try await client.file(reference.repository, revision: reference.revision, path: path)
      return (found.commit, try choose(reference, [found.file]))
    }
  }

  private func choose(_ reference: HubReference, _ listing: [HubFile]) throws -> [HubFile] {
    if all {
      try HubDownloads.refusePickles(listing, of: reference.repository, isAllowed: allowPickle)
      return listing
    }
    let variant = try FileSelection(repository: reference.repository, files: listing).choose(reference.selection)
    try HubDownloads.refusePickles(variant, of: reference.repository, isAllowed: allowPickle)
    return variant.files
  }

  private func preview(_ files: [HubFile]) throws {
    if json { return try JSONOutput.print(files) }
    for file in files { Terminal.result("\(file.bytes)  \(printable(file.path))") }
    Terminal.result("\(files.reduce(ByteCount.zero) { $0 + $1.bytes }) in \(counted(files.count, "file"))")
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
