import ArgumentParser
import Deployment
import Platform

/// What a deployment wrote.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show a deployment's log, or follow it through its restarts.",
    discussion: "Example: plimsoll logs -f smollm2-135m-instruct.q4_1")
  @Argument(help: "A name, as plimsoll ps shows it.") var name: String
  @Flag(name: .shortAndLong, help: "Go on showing what is written.") var follow = false
  @Option(name: .customShort("n"), help: "Lines to begin with.") var lines = 40

  func run() async throws {
    var log = try DeploymentLog(of: name, by: CommandContext().deployer, lines: max(0, lines))
    while let text = log.next() {
      if !text.isEmpty { Terminal.result(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
      guard follow else { return }
      if text.isEmpty { try await Task.sleep(for: .milliseconds(200)) }
    }
  }
}
