import ArgumentParser
import Deployment
import Engines
import Platform
import Reporting
import Units

/// What is deployed on this machine.
struct Ps: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List deployments: state, address, memory planned and used, uptime.",
    discussion: """
      Example: plimsoll ps
      Memory of accelerators stands behind a plus, planned and used alike: "1.2 GiB + 14.8 GiB".
      A server whose command was killed is shown as an orphan; plimsoll stop NAME ends it.
      """)
  @Flag(help: "Print JSON (plimsoll.deployments/1).") var json = false

  func run() async throws {
    let context = CommandContext()
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
    var table = TextTable(
      [
        "NAME", "STATE", "ENGINE", "ADDRESS", ">PLANNED", ">USED", ">REQUESTS", ">UPTIME", ">PID", "MODEL",
      ], optional: ["PID", "REQUESTS", "UPTIME", "PLANNED"])
    let now = context.clock.wallSeconds()
    let home = context.environment["HOME"] ?? ""
    for row in rows { table.add(Self.cells(row, now: now, home: home)) }
    Terminal.result(table.rendered())
    for row in rows where row.deployment.state != .ready {
      if let failure = row.deployment.failure {
        let time = row.deployment.failedAt.map { " at \(isoTimestamp($0))" } ?? ""
        Terminal.note("\(row.deployment.name)\(time): \(printable(failure.message)) [\(failure.code)]")
        if let remedy = failure.remedy { Terminal.note("  \(printable(remedy))") }
      }
    }
  }

  private static func state(_ row: DeploymentListing.Row) -> String {
    let state = row.deployment.state.rawValue
    if row.isOrphan { return "\(state) (orphan)" }
    if row.deployment.isLeftAlone { return "\(state) (supervisor gone)" }
    return row.deployment.restarts.map { "\(state) (restarted \($0)x)" } ?? state
  }

  /// Where it listens, which for one on all addresses is more than the one that it is asked at from here.
  private static func address(_ deployment: Deployment) -> String {
    let host = deployment.address.host
    return "http://\(host.contains(":") ? "[\(host)]" : host):\(deployment.address.port)/v1"
  }

  /// The host's part, and that of accelerators behind a plus.
  private static func planned(_ deployment: Deployment) -> String {
    guard let accelerators = deployment.plannedAcceleratorBytes else {
      return deployment.plannedBytes.map { "\($0)" } ?? ""
    }
    return "\(deployment.plannedHostBytes ?? .zero) + \(accelerators)"
  }

  private static func used(_ usage: ServerUsage, _ deployment: Deployment) -> String {
    guard deployment.plannedAcceleratorBytes != nil else { return "\(usage.residentBytes)" }
    return "\(usage.residentBytes) + \(usage.acceleratorBytes.map { "\($0)" } ?? "unknown")"
  }

  private static func cells(_ row: DeploymentListing.Row, now: Double, home: String) -> [String] {
    let deployment = row.deployment
    return [
      deployment.name, state(row),
      deployment.engine.rawValue, address(deployment), planned(deployment),
      row.usage.map { used($0, deployment) } ?? "",
      row.usage?.requests.map { "\($0)" } ?? "",
      formattedSeconds(max(0, now - deployment.startedAt)), deployment.process.map { "\($0.pid)" } ?? "",
      ModelPath(deployment.modelPath).short(home: home),
    ]
  }
}
