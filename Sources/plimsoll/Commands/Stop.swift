import ArgumentParser
import Deployment
import Platform
import Workflows

/// Ends deployments.
struct Stop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop deployments.",
    usage: "plimsoll stop NAME... | --all",
    discussion: """
      Examples:
        plimsoll stop my-model
        plimsoll stop --all
      """)
  @Argument(
    help: ArgumentHelp("Names from plimsoll ps; name means name-1, name-2 too.", valueName: "name"),
    completion: Completion.deployments)
  var names: [String] = []
  @Flag(help: "Stop every deployment.") var all = false

  func validate() throws {
    if names.isEmpty != all { throw ValidationError("name the deployments to stop, or say --all") }
  }

  func run() async throws {
    let deployer = Workspace.ofCommand().deployer
    let chosen = all ? deployer.list().map { $0.name } : try names.flatMap { try deployer.named($0) }
    for name in chosen {
      try await deployer.stop(name)
      Terminal.note("stopped \(name)")
    }
    if all { deployer.store.sweep() }
  }
}
