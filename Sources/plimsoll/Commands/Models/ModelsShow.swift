import Workflows
import ArgumentParser
import Hub
import Platform
import Reporting

struct ModelsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a repository's quantizations, and which fit.",
    usage: "plimsoll models show ORG/NAME [OPTIONS]",
    discussion: """
      Examples:
        plimsoll models show ggml-org/SmolLM2-135M-Instruct-GGUF
        plimsoll models show ggml-org/SmolLM2-135M-Instruct-GGUF --on rtx-4090
      """)
  @Argument(help: "org/name, or org/name@revision.") var model: String
  @Flag(help: "Show what is in the cache, without the network.") var cached = false
  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let context = machine.workspace()
    let reference = try HubReference(parsing: model)
    let document: ShowDocument
    if cached || context.hub.isOffline {
      guard let found = HubCache(root: context.hub.cache).model(reference.repository) else {
        throw HubError.notCached(name: reference.repository)
      }
      document = ShowDocument(cached: found)
    } else {
      document = try await .made(reference, for: try await machine.machine(context), in: context)
    }
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
  }
}
