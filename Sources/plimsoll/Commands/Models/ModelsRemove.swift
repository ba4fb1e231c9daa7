import ArgumentParser
import Hub
import Platform
import Units
import Workflows

struct ModelsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove a model, or one commit of it, from the cache.",
    usage: "plimsoll models remove ORG/NAME [--yes]",
    discussion: """
      Examples:
        plimsoll models remove ggml-org/SmolLM2-135M-Instruct-GGUF
        plimsoll models remove ggml-org/SmolLM2-135M-Instruct-GGUF --yes
      """)
  @Argument(help: "org/name, or org/name@commit for one commit.", completion: Completion.cachedModels)
  var model: String
  @Flag(help: "Remove it; without this, only list what would go.") var yes = false

  func run() async throws {
    let cache = HubCache(root: HubEndpoint(environment: Workspace.ofCommand().environment).cache)
    let reference = try HubReference(parsing: model)
    guard let found = cache.model(reference.repository) else { throw HubError.notCached(name: reference.repository) }
    var commit: String?
    if model.contains("@") {
      commit = cache.commit(reference.repository, revision: reference.revision)
      guard commit != nil else { throw HubError.notCached(name: "\(reference)") }
    }
    guard yes else {
      Terminal.result("\(found.name): \(found.bytes) in \(found.folder); add --yes to remove")
      return
    }
    let freed = try cache.remove(reference.repository, commit: commit)
    Terminal.result("removed \(reference), \(freed) freed")
  }
}
