import ArgumentParser
import Deployment
import Platform

/// What a deployment wrote.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show a deployment's log, or follow it.",
    discussion: "Example: plimsoll logs -f smollm2-135m-instruct.q4_1")
  @Argument(help: "A name, as plimsoll ps shows it.") var name: String
  @Flag(name: .shortAndLong, help: "Go on showing what is written.") var follow = false
  @Option(name: .customShort("n"), help: "Lines to begin with.") var lines = 40

  func run() async throws {
    let deployer = CommandContext().deployer
    let deployment = try deployer.deployment(name)
    var follower = LogFollower(deployment.log, lines: max(0, lines))
    while true {
      let text = follower.next()
      if !text.isEmpty { Terminal.result(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
      guard follow else { return }
      if text.isEmpty {
        guard let now = try? deployer.deployment(name), now.state != .failed else { return }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }
}
