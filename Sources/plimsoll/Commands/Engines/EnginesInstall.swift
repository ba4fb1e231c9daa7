import ArgumentParser
import Deployment
import Platform
import Profiles
import Units
import Workflows

struct EnginesInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Install an engine, or the demo's models, pinned by version and hash.",
    usage: "plimsoll engines install NAME",
    discussion: """
      Examples:
        plimsoll engines install llama.cpp
        plimsoll engines install demo-models

      Names: \(EngineInstaller.names.joined(separator: ", ")).
      """)
  @Argument(help: "What to install.", completion: .list(EngineInstaller.names)) var name: String

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let installer = EngineInstaller(folders: workspace.folders, locks: workspace.catalogue().locks) {
      Terminal.note($0)
    }
    for path in try await installer.install(name) { Terminal.result(path) }
    Terminal.note("Installed \(name). Next: plimsoll \(name == "demo-models" ? "models list" : "recommend")")
  }
}
