import Benchmarking
import Planning
public import Records
public import Units

/// A finished run with its requests, drawn from a seed: the same seed gives the same run on every machine.
public struct RunBuilder: Sendable {
  public var id = "20261122-2103-a1b2c3"
  public var seed: UInt64 = 1
  public var quantization = "Q4_1"
  public var modelName = "SmolLM2 135M Instruct"
  public var concurrencies = [1, 2, 4]
  public var requestsPerStage = 80
  public var outputTokens = 64
  /// Seconds for each token of one stream alone.
  public var pace = 0.0085
  /// Seconds to the first token of one stream alone.
  public var prefill = 0.14
  /// Relative scatter of each time.
  public var scatter = 0.06
  public var reasons: [Reason] = []

  public init() {}

  /// Makes the run with its requests and samples.
  public func archive() -> RunArchive {
    var generator = SeededGenerator(seed: seed)
    var clock: Int64 = 0
    var requests: [RequestRecord] = []
    var stages: [StageResult] = []
    for concurrency in concurrencies {
      let name = "concurrency \(concurrency)"
      let batch = stage(name, concurrency: concurrency, from: clock, first: requests.count, using: &generator)
      let start = clock
      clock = batch.compactMap(\.lastToken).max() ?? clock
      requests += batch
      let summary = Self.summary(batch, seconds: Double(clock - start) / 1e9)
      stages.append(StageResult(name: name, concurrency: concurrency, requestsPerSecond: nil, summary: summary))
    }
    var run = described(seconds: Double(clock) / 1e9)
    run.stages = stages
    // Loads are never pooled: the headline is that of the most throughput.
    let best = stages.max { ($0.summary.outputTokensPerSecond ?? 0) < ($1.summary.outputTokensPerSecond ?? 0) }
    run.summary = best?.summary ?? Self.summary(requests, seconds: Double(clock) / 1e9)
    run.summaryStage = stages.count > 1 ? best?.name : nil
    return RunArchive(run: run, requests: requests, telemetry: Self.telemetry(until: clock))
  }

  private func described(seconds: Double) -> Run {
    let model = PlanBuilder.model(quantization, name: modelName)
    let plan = PlanBuilder.plan(model: model, concurrency: concurrencies.last ?? 1)
    var run = Run(id: id, startedAt: 1_795_381_380, target: "llama-server on 127.0.0.1:8080")
    run.status = .complete
    run.machine = plan.machine
    run.plan = plan
    run.model = model
    run.engine = "llama.cpp"
    run.engineBuild = "b6910 (a1b2c3d)"
    run.plimsoll = ProgramVersion(
      version: "0.1.0", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-11-22")
    run.settings = [
      "input tokens": "128", "output tokens": "\(outputTokens)",
      "concurrency": concurrencies.map { "\($0)" }
        .joined(separator: ", "), "cache": "cold", "seed": "\(seed)", "requests per stage": "\(requestsPerStage)",
    ]
    run.predicted = plan.options.first?.speed
    run.predictedMemory = plan.options.first?.memory
    run.serverPeakBytes = Figure(ByteCount(347_078_656), .measured, "largest resident size of the server's process")
    run.validity = Validity(reasons: reasons)
    var lateness = Distribution(count: requestsPerStage * concurrencies.count)
    lateness.p50 = 0.000_041
    lateness.p90 = 0.000_09
    lateness.p95 = 0.000_12
    lateness.mean = 0.000_05
    lateness.maximum = 0.000_8
    run.client = ClientHealth(dispatchLateness: lateness, longestStall: 0.0021, busyShare: 0.03, eventsPerRead: 1.02)
    return run
  }

  private func stage(
    _ name: String, concurrency: Int, from start: Int64, first: Int, using generator: inout SeededGenerator
  ) -> [RequestRecord] {
    var lanes = [Int64](repeating: start, count: concurrency)
    let slowdown = Double(concurrency).squareRoot()
    return (0..<requestsPerStage).map { number in
      let lane = number % concurrency
      var request = RequestRecord(index: first + number, stage: name, scheduled: lanes[lane], outcome: .completed)
      request.sent = lanes[lane] + 40_000
      let wait = prefill * slowdown * varied(&generator)
      var time = lanes[lane] + Int64(wait * 1e9)
      request.firstToken = time
      request.firstOutput = time
      let tokenPace = pace * slowdown * varied(&generator)
      for token in 0..<outputTokens {
        if token > 0 { time += Int64(tokenPace * varied(&generator) * 1e9) }
        request.chunkTimes.append(time)
      }
      request.lastToken = time
      request.closed = time + 300_000
      request.inputTokens = 128
      request.outputTokens = outputTokens
      request.cachedTokens = 0
      request.requestedOutputTokens = outputTokens
      request.status = 200
      request.finishReason = "length"
      lanes[lane] = time + 400_000
      return request
    }
  }

  /// A factor around 1, the sum of three uniform draws.
  private func varied(_ generator: inout SeededGenerator) -> Double {
    let sum = (0..<3).reduce(0.0) { total, _ in total + Double.random(in: -1...1, using: &generator) }
    return max(0.2, 1 + scatter * sum)
  }

  private static func telemetry(until end: Int64) -> [TelemetrySample] {
    stride(from: Int64(0), through: end, by: 1_000_000_000).map { time in
      var sample = TelemetrySample(time: time)
      let share = end > 0 ? Double(time) / Double(end) : 0
      sample.serverResidentBytes = 310_000_000 + Int(37_078_656 * share)
      sample.serverCPU = 1.9
      sample.machineCPU = 0.97
      sample.availableBytes = 23_000_000_000
      return sample
    }
  }
}
