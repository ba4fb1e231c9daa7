public import Units
import Engines
import Platform

/// What a running server uses and has done.
public struct ServerUsage: Hashable, Sendable, Codable {
  /// Resident memory of all its processes; pages of a mapped model that were read count.
  public var residentBytes: ByteCount
  public var processes: Int
  /// Requests that it answered since its start, Plimsoll's own question at the start left out; nil where neither it nor
  /// its log counts them.
  public var requests: Int?
}

extension Deployer {
  /// Looks at a running server; nil where it is not running.
  public func usage(of deployment: Deployment) async -> ServerUsage? {
    guard let leader = deployment.process else { return nil }
    let group = ProcessGroup(leader: leader)
    let members = group.members()
    guard !members.isEmpty else { return nil }
    return ServerUsage(
      residentBytes: group.residentBytes(), processes: members.count,
      requests: deployment.state == .ready ? await requests(deployment).map { max(0, $0 - 1) } : nil)
  }

  /// The counter that vLLM keeps.
  private static let counters = ["vllm:request_success_total"]

  private func requests(_ deployment: Deployment) async -> Int? {
    let words = EngineCatalogue.engine(deployment.engine).operation.requestWords
    if !words.isEmpty { return LogCount(words: words).count(in: deployment.log) }
    let headers = key(of: deployment).map { ["Authorization": "Bearer \($0)"] } ?? [:]
    let request = HTTPRequest(
      "GET", deployment.address.url + "/metrics", headers: headers, timeout: .seconds(2), bodyLimit: 4 << 20)
    guard let response = try? await transport.send(request), response.status == 200 else { return nil }
    return Self.count(in: response.text)
  }

  /// Sums a counter over its labels.
  static func count(in metrics: String) -> Int? {
    var total: Double?
    for line in metrics.split(separator: "\n") where counters.contains(where: { line.hasPrefix($0) }) {
      guard let value = line.split(separator: " ").last.flatMap({ Double($0) }), value.isFinite, value < 1e15 else {
        continue
      }
      total = (total ?? 0) + value
    }
    return total.map { Int($0) }
  }
}
