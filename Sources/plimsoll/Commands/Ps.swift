import ArgumentParser
import Deployment
import Engines
import Platform
import Reporting
import Units
import Workflows

/// What is deployed on this machine.
struct Ps: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List deployments with their state, address and memory.",
    usage: "plimsoll ps [OPTIONS]",
    discussion: """
      Examples:
        plimsoll ps
        plimsoll ps --watch

      Accelerator memory follows a plus: "1.2 GiB + 14.8 GiB". An orphan is a server whose command was killed; \
      plimsoll stop NAME ends it.
      """)
  @Flag(help: "Show them again every two seconds, until Ctrl-C.") var watch = false
  @Flag(help: "Print JSON (plimsoll.deployments/1).") var json = false

  func validate() throws {
    if watch, json { throw ValidationError("--watch draws a screen; leave it out to have --json") }
  }

  func run() async throws {
    let context = Workspace.ofCommand()
    guard watch else {
      let listing = await context.deploymentListing()
      if json { return try JSONOutput.print(listing) }
      guard !listing.deployments.isEmpty else { return Terminal.note(Self.nothing) }
      Terminal.result(Self.rendered(listing, context))
      return Self.failures(in: listing).forEach { Terminal.note($0) }
    }
    guard context.terminal.isScreen else {
      throw Failure(
        .usage, .wrongUsage, "--watch needs a terminal", remedy: "plimsoll ps --json is for other programs")
    }
    while !Task.isCancelled {
      let listing = await context.deploymentListing()
      let screen = listing.deployments.isEmpty ? Self.nothing : Self.rendered(listing, context)
      let parts = [screen] + Self.failures(in: listing)
      context.terminal.redraw(parts.joined(separator: "\n") + "\n\n" + TextStyle.quiet("Every 2 s; Ctrl-C ends."))
      // An interruption is how it ends.
      try? await Task.sleep(for: .seconds(2))
    }
  }

  private static let nothing = "Nothing is deployed. Start a server: plimsoll deploy MODEL"

  private static func rendered(_ listing: DeploymentListing, _ context: Workspace) -> String {
    listing.rendered(at: context.clock.wallSeconds(), home: context.environment["HOME"] ?? "")
  }

  /// Why those that are not ready failed, and what to do.
  private static func failures(in listing: DeploymentListing) -> [String] {
    listing.deployments.filter { $0.deployment.state != .ready }.flatMap { row -> [String] in
      guard let failure = row.deployment.failure else { return [] }
      let time = row.deployment.failedAt.map { " at \(isoTimestamp($0))" } ?? ""
      return ["\(row.deployment.name)\(time): \(printable(failure.message)) [\(failure.code)]"]
        + (failure.remedy.map { ["  \(printable($0))"] } ?? [])
    }
  }
}
