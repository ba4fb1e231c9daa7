import ArgumentParser
import Hub
import Platform
import Reporting
import Units
import Workflows

struct ModelsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check cached files against their hashes; exit code 4 where one is wrong.",
    usage: "plimsoll models verify [ORG/NAME...] [--json]",
    discussion: """
      Examples:
        plimsoll models verify
        plimsoll models verify ggml-org/SmolLM2-135M-Instruct-GGUF
      """)
  @Argument(
    help: ArgumentHelp("org/name; all if none is given.", valueName: "model"), completion: Completion.cachedModels)
  var models: [String] = []
  @Flag(help: "Remove corrupt files; the next pull fetches them.") var repair = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let context = Workspace.ofCommand()
    let cache = HubCache(root: HubEndpoint(environment: context.environment).cache)
    let names =
      try models.isEmpty ? cache.models().map(\.name) : models.map { try HubReference(parsing: $0).repository }
    let found = try await CacheVerification(of: names, in: cache) { name, bytes in
      context.terminal.draw("\(name)  \(bytes)")
    }
    context.terminal.draw("")
    json ? try JSONOutput.print(found) : Terminal.result(found.rendered())
    if repair { try found.repair(cache) }
    try found.requireWhole(isRepaired: repair)
  }
}
