import Deployment
import Engines
import Platform
import Units

extension DeploymentListing {
  /// The deployments as `ps` prints them.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - home: the home folder, shown as `~`.
  public func rendered(at now: Double, home: String) -> String {
    var table = TextTable(
      [
        "NAME", "STATE", "ENGINE", "ADDRESS", ">PLANNED", ">USED", ">REQUESTS", ">UPTIME", ">PID", "MODEL",
      ], optional: ["PID", "REQUESTS", "PLANNED", "UPTIME", "MODEL", "ENGINE"])
    for row in deployments { table.add(Self.cells(row, now: now, home: home)) }
    return table.rendered()
  }

  private static func state(_ row: Row) -> String {
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

  private static func cells(_ row: Row, now: Double, home: String) -> [String] {
    let deployment = row.deployment
    return [
      deployment.name, state(row),
      deployment.engine.rawValue, address(deployment), planned(deployment),
      row.usage.map { used($0, deployment) } ?? "",
      row.usage?.requests.map { "\($0)" } ?? "",
      deployment.state.isOver ? "" : formattedSeconds(max(0, now - deployment.startedAt)),
      deployment.state.isOver ? "" : deployment.process.map { "\($0.pid)" } ?? "",
      ModelPath(deployment.modelPath).short(home: home),
    ]
  }
}
