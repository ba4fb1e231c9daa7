public import Platform
public import Units
import Engines

/// What a running server uses and has done.
public struct ServerUsage: Hashable, Sendable, Codable {
  /// Resident memory of all its processes; pages of a mapped model that were read count.
  public var residentBytes: ByteCount
  /// Memory of accelerators that its processes hold, as the driver counts it; nil where it does not tell.
  public var acceleratorBytes: ByteCount?
  public var processes: Int
  /// Requests that it answered since its start, Plimsoll's own question at the start left out; nil where neither it nor
  /// its log counts them.
  public var requests: Int?
}

/// What each process of this machine holds of accelerators' memory.
public struct AcceleratorUse: Hashable, Sendable {
  private let bytes: [Int32: ByteCount]

  /// Asks NVIDIA's driver; nil where it does not answer. Other makers' drivers do not tell it by process.
  public static func reading(_ commands: any CommandRunner = SystemCommandRunner()) async -> AcceleratorUse? {
    let words = ["--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits"]
    guard let answer = await commands.run("nvidia-smi", words), answer.exitCode == 0 else { return nil }
    return AcceleratorUse(listing: answer.output)
  }

  /// Reads lines of a process's number and MiB; one process has a line for each device.
  init(listing: String) {
    bytes = listing.split(whereSeparator: \.isNewline).reduce(into: [:]) { sums, line in
      let fields = line.split(separator: ",").map { $0.drop { $0 == " " } }
      // `[N/A]` inside of a container, where the driver does not tell.
      guard fields.count == 2, let pid = Int32(fields[0]), let amount = Int(fields[1]), amount >= 0, amount < 1 << 32
      else { return }
      sums[pid] = (sums[pid] ?? .zero) + .mebibytes(amount)
    }
  }

  /// The sum over a server's processes; nil where none of them is listed.
  func bytes(of members: [Int32]) -> ByteCount? {
    let own = members.compactMap { bytes[$0] }
    return own.isEmpty ? nil : own.reduce(.zero, +)
  }
}

extension Deployer {
  /// Looks at a running server; nil where it is not running.
  ///
  /// - Parameter accelerators: what each process holds, read once for all servers.
  public func usage(of deployment: Deployment, accelerators: AcceleratorUse? = nil) async -> ServerUsage? {
    guard let leader = deployment.process else { return nil }
    let group = ProcessGroup(leader: leader)
    let members = group.members()
    guard !members.isEmpty else { return nil }
    return ServerUsage(
      residentBytes: group.residentBytes(),
      acceleratorBytes: deployment.plannedAcceleratorBytes == nil ? nil : accelerators?.bytes(of: members),
      processes: members.count,
      requests: deployment.state == .ready ? await requests(deployment).map { max(0, $0 - 1) } : nil)
  }

  private func requests(_ deployment: Deployment) async -> Int? {
    let engine = EngineCatalogue.engine(deployment.engine)
    let words = engine.operation.requestWords
    if !words.isEmpty {
      return LogCount(words: words).count(in: deployment.log).map { $0 + (deployment.requestsOfCutLog ?? 0) }
    }
    guard let counter = engine.serving.requestCounter else { return nil }
    let headers = key(of: deployment).map { ["Authorization": "Bearer \($0)"] } ?? [:]
    let request = HTTPRequest(
      "GET", deployment.address.url + "/metrics", headers: headers, timeout: .seconds(2), bodyLimit: 4 << 20)
    guard let response = try? await transport.send(request), response.status == 200 else { return nil }
    return Self.count(counter, in: response.text)
  }

  /// Sums a counter over its labels.
  static func count(_ counter: String, in metrics: String) -> Int? {
    var total: Double?
    for line in metrics.split(separator: "\n") where line.hasPrefix(counter) {
      guard let value = line.split(separator: " ").last.flatMap({ Double($0) }), value.isFinite, value < 1e15 else {
        continue
      }
      total = (total ?? 0) + value
    }
    return total.map { Int($0) }
  }
}
