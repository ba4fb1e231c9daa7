import ArgumentParser
import Deployment
import Platform
import Workflows

/// What a deployment wrote.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show a deployment's log, or follow it.",
    usage: "plimsoll logs NAME [OPTIONS]",
    discussion: """
      Examples:
        plimsoll logs my-model -n 100
        plimsoll logs -f my-model
      """)
  @Argument(
    help: "A name from plimsoll ps; name means name-1, name-2 too.",
    completion: Completion.deployments)
  var name: String
  @Flag(name: .shortAndLong, help: "Keep showing new lines.") var follow = false
  @Option(name: .customShort("n"), help: "Last lines to show first.") var lines = 40

  func run() async throws {
    let deployer = Workspace.ofCommand().deployer
    let names = try deployer.named(name)
    var logs = try names.map { (name: $0, log: try DeploymentLog(of: $0, by: deployer, lines: max(0, lines))) }
    var last: String?
    while !logs.isEmpty {
      var isQuiet = true
      for name in names {
        guard let index = logs.firstIndex(where: { $0.name == name }) else { continue }
        guard let text = logs[index].log.next() else {
          logs.remove(at: index)
          continue
        }
        guard !text.isEmpty else { continue }
        isQuiet = false
        if names.count > 1, last != logs[index].name { Terminal.result("==> \(logs[index].name) <==") }
        last = logs[index].name
        Terminal.result(text.hasSuffix("\n") ? String(text.dropLast()) : text)
      }
      guard follow else { return }
      if isQuiet { try await Task.sleep(for: .milliseconds(200)) }
    }
  }
}
