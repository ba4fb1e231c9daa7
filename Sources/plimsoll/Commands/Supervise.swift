import ArgumentParser
import Deployment
import Platform
import Workflows

/// Started by `deploy --restart on-failure`; not meant to be typed.
struct Supervise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supervise", abstract: "Start a deployment's server again whenever it ends by itself.",
    discussion: "Example: plimsoll supervise NAME, as deploy --restart on-failure runs it.", shouldDisplay: false)
  @Argument(help: "A deployment's name.") var name: String

  func run() async throws {
    let context = Workspace.ofCommand()
    let supervisor = Supervisor(
      of: name, by: context.deployer,
      say: { Terminal.note("[\(isoTimestamp(context.clock.wallSeconds()))] \($0)") })
    await supervisor.run()
  }
}
