import ArgumentParser
import Hub
import Platform
import Reporting
import Units
import Workflows

struct ModelsPull: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Fetch a model into the Hugging Face cache, verified.",
    usage: "plimsoll models pull ORG/NAME[:QUANT] [OPTIONS]",
    discussion: """
      Examples:
        plimsoll models pull ggml-org/SmolLM2-135M-Instruct-GGUF:Q8_0
        plimsoll models pull Qwen/Qwen3-8B --print

      Resumes an interrupted download, and prints the path.
      """)
  @Argument(help: "org/name[@revision][:QUANT|file].") var model: String
  @Flag(help: "Fetch every file of the repository.") var all = false
  @Flag(help: "List what would be fetched; fetch nothing.") var print = false
  @Flag(help: "Fetch pickle files too; loading them can run code.") var allowPickle = false
  @Option(help: ArgumentHelp("Requests at once.", valueName: "n", visibility: .hidden)) var connections = 8
  @Option(help: ArgumentHelp("Bytes of one request.", valueName: "n", visibility: .hidden)) var blockBytes =
    PullOptions().blockBytes
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if !(1...64).contains(connections) { throw ValidationError("--connections takes 1 to 64") }
    if !(65_536...1 << 40).contains(blockBytes) { throw ValidationError("--block-bytes takes 65536 or more") }
  }

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let reference = try HubReference(parsing: model)
    if workspace.hub.isOffline {
      guard let found = try HubCache(root: workspace.hub.cache).locate(reference) else {
        throw HubError.offline(wanted: "\(reference)")
      }
      return try report(found, isOffline: true)
    }
    let pull = ModelPull(reference, takesAll: all, loadsPickles: allowPickle, in: workspace)
    let found = try await pull.found()
    if let projector = found.projector, found.projectors > 1 {
      Terminal.note("of \(found.projectors) projectors \(projector.path) belongs to it")
    }
    if print {
      let preview = PullPreview(found.files)
      return json ? try JSONOutput.print(preview) : Terminal.result(preview.rendered())
    }
    var options = PullOptions()
    options.connections = connections
    options.connectionsPerFile = max(1, connections / 2)
    options.blockBytes = blockBytes
    try report(try await pull.pulled(found, options: options))
  }

  /// Results are paths, one a line, so that a script can go on with them; the account goes to standard error.
  private func report(_ result: PullResult, isOffline: Bool = false) throws {
    if json { return try JSONOutput.print(PullDocument(result)) }
    let screen = PullScreen(result, isOffline: isOffline)
    Terminal.note(screen.account)
    Terminal.result(screen.path)
  }
}
