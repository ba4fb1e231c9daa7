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
    usage: "plimsoll ps [--json]",
    discussion: """
      Examples:
        plimsoll ps
        plimsoll ps --json

      Accelerator memory follows a plus: "1.2 GiB + 14.8 GiB". An orphan is a server whose command was killed; \
      plimsoll stop NAME ends it.
      """)
  @Flag(help: "Print JSON (plimsoll.deployments/1).") var json = false

  func run() async throws {
    let context = Workspace.ofCommand()
    var rows: [DeploymentListing.Row] = []
    let all = await context.deployer.current()
    let accelerators = all.contains { $0.plannedAcceleratorBytes != nil } ? await AcceleratorUse.reading() : nil
    for deployment in all {
      let usage =
        deployment.state.isOver ? nil : await context.deployer.usage(of: deployment, accelerators: accelerators)
      rows.append(.init(deployment: deployment, usage: usage))
    }
    if json { return try JSONOutput.print(DeploymentListing(rows)) }
    guard !rows.isEmpty else { return Terminal.note("nothing is deployed; plimsoll deploy MODEL starts a server") }
    let listing = DeploymentListing(rows)
    Terminal.result(listing.rendered(at: context.clock.wallSeconds(), home: context.environment["HOME"] ?? ""))
    for row in rows where row.deployment.state != .ready {
      if let failure = row.deployment.failure {
        let time = row.deployment.failedAt.map { " at \(isoTimestamp($0))" } ?? ""
        Terminal.note("\(row.deployment.name)\(time): \(printable(failure.message)) [\(failure.code)]")
        if let remedy = failure.remedy { Terminal.note("  \(printable(remedy))") }
      }
    }
  }
}
