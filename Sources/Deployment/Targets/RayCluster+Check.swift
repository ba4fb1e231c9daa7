import Engines
import Hardware
import Units

extension RayCluster {
  /// Makes sure that a cluster can carry a server before it is submitted, and returns Ray's version.
  ///
  /// - Throws: `DeploymentError.doesNotFit` with what is missing.
  public func checked(for request: TargetRequest) async throws(DeploymentError) -> String {
    let version = try await version()
    if let refusal = RayNeeds(request).refusal(version: version, nodes: try await nodes()) {
      throw .doesNotFit(refusal)
    }
    return version
  }
}

/// What a server needs of a Ray cluster.
struct RayNeeds: Hashable, Sendable {
  let nodes: Int
  let devices: Int
  /// Ray's name for the maker's devices.
  let resource: String

  /// vLLM's own requirement for workers that Ray places: `ray[cgraph]>=2.48.0`.
  static let leastVersion = [2, 48, 0]

  init(_ request: TargetRequest) {
    nodes = request.nodes
    devices = request.devices.count
    resource = request.vendor?.facts.rayResource ?? "GPU"
  }

  func refusal(version: String, nodes all: [RayCluster.Node]) -> Reason? {
    let numbers = version.split(separator: ".").prefix(3).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    if devices > 0, numbers.lexicographicallyPrecedes(Self.leastVersion) {
      return Reason(
        .rayTooOld, "the cluster runs Ray \(version); vLLM needs 2.48.0 or newer to place its workers",
        remedy: "update Ray on all nodes")
    }
    let alive = all.filter { $0.state == "ALIVE" }
    let able = alive.filter { devices == 0 || ($0.resources[resource] ?? 0) >= Double(devices) }
    guard able.count < nodes else { return nil }
    let offers = alive.map { "\($0.name) \(Int($0.resources[resource] ?? 0))" }.joined(separator: ", ")
    let each = devices == 0 ? "" : " with \(devices) \(resource)s each"
    return Reason(
      .insufficientNodes,
      "the plan needs \(nodes) node\(nodes == 1 ? "" : "s")\(each), and \(able.count) of the \(alive.count) alive "
        + "will do (\(resource)s: \(offers.isEmpty ? "none" : offers))",
      remedy: "plan for what there is with --on and --nodes, or add nodes: plimsoll ray nodes")
  }
}
