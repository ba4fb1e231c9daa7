import Platform

extension Selftest {
  /// How much the client can do, measured against a server that answers at once.
  public struct Speed: Hashable, Sendable, Codable {
    /// Events of 200 bytes, many in a read, for each second of CPU time of the client's thread.
    public var burstEventsPerCPUSecond: Double
    /// Answers of one token.
    public var shortRequestsPerSecond: Double
    public var shortRequestsPerCPUSecond: Double
    /// From the start of a run to its first byte on the wire, seconds.
    public var firstRequestSeconds: Double
  }

  public func speed() async throws -> Speed {
    let server = MockServer { request in
      request.model == "burst" ? Self.burst(request) : Self.short(request)
    }
    guard let server else { throw BenchmarkError.noResources }
    defer { server.stop() }
    func measure(_ model: String, _ stage: Stage, tokens: Int) async throws -> BenchmarkResult {
      let settings = Self.settings([stage], tokens: tokens)
      return try await Benchmark(settings: settings, target: BenchmarkTarget(baseURL: server.url, model: model)).run()
    }
    let burst = try await measure(
      "burst", Stage(load: .concurrency(4), stop: StopRule(requests: 400)), tokens: Self.burstTokens)
    let short = try await measure("short", Stage(load: .concurrency(32), stop: StopRule(requests: 20_000)), tokens: 1)
    let events = Double(burst.summary.completed * (Self.burstTokens + 3))
    let first = short.requests.compactMap { $0.sent }.min() ?? 0
    return Speed(
      burstEventsPerCPUSecond: events / max(1e-9, burst.client.cpuSeconds ?? 0),
      shortRequestsPerSecond: short.summary.requestsPerSecond ?? 0,
      shortRequestsPerCPUSecond: Double(short.summary.completed) / max(1e-9, short.client.cpuSeconds ?? 0),
      firstRequestSeconds: Double(first) / 1e9)
  }

  static let burstTokens = 4000

  /// A long answer that is there at once, 16 events to a chunk of the transfer coding.
  static func burst(_ request: MockRequest) -> MockAnswer {
    let event = "data: \(StreamScript.content())\n\n"
    let piece = MockAnswer.chunk(Array(String(repeating: event, count: 16).utf8))
    var bytes = MockAnswer.head
    bytes.reserveCapacity(piece.count * burstTokens / 16 + 1024)
    for _ in 0..<(burstTokens / 16) { bytes += piece }
    bytes += ending(request.serial, tokens: burstTokens)
    return MockAnswer(steps: [.init(delay: 0, bytes: bytes)])
  }

  /// An answer of one token that is there at once.
  static func short(_ request: MockRequest) -> MockAnswer {
    let event = MockAnswer.chunk(Array("data: \(StreamScript.content())\n\n".utf8))
    return MockAnswer(steps: [
      .init(delay: 0, bytes: MockAnswer.head + event + ending(request.serial, tokens: 1))
    ])
  }
}
