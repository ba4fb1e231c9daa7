import ArgumentParser
import Hub
import Platform
import Reporting
import Workflows

struct ModelsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the models on this machine: the Hugging Face cache, Ollama, LM Studio, Jan.",
    usage: "plimsoll models list [--json]",
    discussion: """
      Examples:
        plimsoll models list
        plimsoll models list --json
      """)
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let document = ModelInventory(cache: HubCache(root: workspace.hub.cache), elsewhere: workspace.keptModels)
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
  }
}
