import ArgumentParser
import Deployment
import Platform
import Workflows

/// Starts a deployment anew.
struct Restart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restart a deployment at the same address.",
    usage: "plimsoll restart NAME",
    discussion: """
      Examples:
        plimsoll restart my-model
        plimsoll restart smollm2-135m-instruct.q4_1
      """)
  @Argument(help: "A name from plimsoll ps.", completion: Completion.deployments) var name: String

  func run() async throws {
    let context = Workspace.ofCommand()
    for name in try context.deployer.named(name) {
      let deployment = try await context.deployer.restart(name) { LoadDisplay.show($0, on: context.terminal) }
      if deployment.restart == .onFailure { _ = try context.deployer.supervise(deployment, by: Workspace.program) }
      Terminal.result("\(deployment.name) answers at \(deployment.url)")
    }
  }
}
