import Platform

/// The load generator's own test: a built-in server with known timing, over the ways in which servers stream.
public struct Selftest: Sendable {
  public init() {}

  /// One case's result.
  public struct CaseResult: Hashable, Sendable, Codable {
    public var name: String
    /// What was read otherwise than it was sent; empty where all is right.
    public var faults: [String]
    /// The client's figure minus the server's own, seconds; nil where the case has no such metric.
    public var timeToFirstToken: Double?
    public var timePerOutputToken: Double?
    public var interTokenLatency: Double?
    public var endToEnd: Double?

    public init(name: String, faults: [String] = []) {
      self.name = name
      self.faults = faults
    }
  }

  /// Requests of each case.
  static let repetitions = 3

  /// Runs every case, one request at a time.
  public func conformance() async throws -> [CaseResult] {
    let cases = ConformanceCase.all
    let byName = Dictionary(uniqueKeysWithValues: cases.map { ($0.name, $0.answer) })
    let server = MockServer { request in
      byName[request.model]?(request) ?? .plain(status: "404 Not Found", body: "{\"error\":\"no such case\"}")
    }
    guard let server else { throw BenchmarkError.noResources }
    defer { server.stop() }
    var results: [CaseResult] = []
    for item in cases {
      try Task.checkCancellation()
      var settings = BenchmarkSettings(
        stages: [Stage(load: .concurrency(1), stop: StopRule(requests: Self.repetitions))], warmupRequests: 0)
      settings.dataset.inputLength = .constant(16)
      settings.dataset.outputLength = .constant(StreamScript.tokens)
      settings.sampleSeconds = 0
      settings.failureLimit = Self.repetitions
      settings.requestTimeoutSeconds = 10
      let before = Set(server.truths.keys)
      let target = BenchmarkTarget(baseURL: server.url, model: item.name)
      let result = try await Benchmark(settings: settings, target: target).run()
      let truths = server.truths.filter { !before.contains($0.key) }.values.sorted { $0.serial < $1.serial }
      results.append(Self.judge(item, result.requests, truths))
    }
    return results
  }

  /// Compares what the client read with what the server sent.
  static func judge(_ item: ConformanceCase, _ requests: [RequestRecord], _ truths: [MockTruth]) -> CaseResult {
    var result = CaseResult(name: item.name)
    func expect<Value: Equatable>(_ what: String, _ found: Value, _ wanted: Value) {
      if found != wanted { result.faults.append("\(what) is \(found), not \(wanted)") }
    }
    expect("the count of requests", requests.count, repetitions)
    for request in requests {
      expect("the outcome", request.outcome, item.outcome)
      if request.outcome != item.outcome, let error = request.error { result.faults.append("the error is: \(error)") }
      let chunks = request.chunkTimes.count
      expect("the count of chunks", item.allowsMoreChunks ? min(chunks, item.chunks) : chunks, item.chunks)
      expect("the count of hidden tokens", request.hiddenTokens, item.hidden)
      expect("the count of tokens", request.outputTokens, item.tokens)
      if let error = item.error, !(request.error ?? "").contains(error) {
        result.faults.append("the error is \(request.error ?? "none"), not \(error)")
      }
    }
    guard item.outcome == .completed, truths.count == requests.count else { return result }
    let pairs = zip(requests, truths).map {
      ($0, TrueMetrics($1, tokens: StreamScript.tokens, counted: $0.tokenCounting))
    }
    // The median: a machine that is busy delays single answers, an error of the client is in each.
    func median(_ found: KeyPath<RequestRecord, Double?>, _ truth: KeyPath<TrueMetrics, Double>) -> Double? {
      let errors = pairs.compactMap { pair in pair.0[keyPath: found].map { $0 - pair.1[keyPath: truth] } }.sorted()
      return errors.isEmpty ? nil : errors[errors.count / 2]
    }
    result.timeToFirstToken = median(\.timeToFirstToken, \.timeToFirstToken)
    result.endToEnd = median(\.endToEnd, \.endToEnd)
    if !item.isTokenWeighted { result.timePerOutputToken = median(\.timePerOutputToken, \.timePerOutputToken) }
    result.interTokenLatency = median(\.meanTokenGap, \.meanTokenGap)
    if let error = median(\.timeToFirstOutput, \.timeToFirstOutput), error.magnitude > SelftestReport.tolerance {
      result.faults.append("the first output is off by \(formatted(error))")
    }
    return result
  }

  private static func formatted(_ seconds: Double) -> String { "\((seconds * 1e5).rounded() / 100) ms" }
}

/// The metrics as the server knows them, from the request's arrival and its own sends.
struct TrueMetrics {
  var timeToFirstToken: Double
  var timeToFirstOutput: Double
  var endToEnd: Double
  var timePerOutputToken: Double
  var meanTokenGap: Double

  init(_ truth: MockTruth, tokens: Int, counted: TokenCounting) {
    let first = truth.chunkTimes.first ?? 0
    let last = truth.chunkTimes.last ?? 0
    timeToFirstToken = Double(first - truth.received) / 1e9
    timeToFirstOutput = Double((truth.firstOutput ?? first) - truth.received) / 1e9
    endToEnd = Double(last - truth.received) / 1e9
    timePerOutputToken = Double(last - first) / 1e9 / Double(max(1, tokens - 1))
    let gaps = counted == .perChunk && truth.chunkTimes.count < tokens ? tokens - 2 : truth.chunkTimes.count - 1
    meanTokenGap = Double(last - first) / 1e9 / Double(max(1, gaps))
  }
}

extension RequestRecord {
  /// The mean of the token gaps, each token counted once.
  var meanTokenGap: Double? {
    let gaps = tokenGaps
    let count = gaps.reduce(0) { $0 + $1.weight }
    return count > 0 ? gaps.reduce(0) { $0 + $1.value * Double($1.weight) } / Double(count) : nil
  }
}
