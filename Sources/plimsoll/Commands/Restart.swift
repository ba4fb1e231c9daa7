import ArgumentParser
import Deployment
import Platform

/// Starts a deployment anew.
struct Restart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop a deployment and start it again as it was planned, at the same address.",
    discussion: "Example: plimsoll restart smollm2-135m-instruct.q4_1")
  @Argument(help: "A name, as plimsoll ps shows it.") var name: String

  func run() async throws {
    let context = CommandContext()
    for name in try context.deployer.named(name) {
      let deployment = try await context.deployer.restart(name) { LoadDisplay.show($0, on: context.terminal) }
      if deployment.restart == .onFailure { _ = try context.deployer.supervise(deployment, by: Deploy.program()) }
      Terminal.result("\(deployment.name) answers at \(deployment.url)")
    }
  }
}
