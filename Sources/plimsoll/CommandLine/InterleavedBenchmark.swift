import Benchmarking
import Platform
import Records
import Units

/// Two servers measured in turns, A B B A, so that drift of the machine falls on both alike.
///
/// Each side becomes a run whose stages are its blocks; both carry the same mark, by which `compare` pairs them.
struct InterleavedBenchmark {
  struct Side {
    var target: BenchmarkTarget
    var run: Run
    var requests: [RequestRecord] = []
    var outcome: BenchmarkResult?
  }

  var settings: BenchmarkSettings
  var store: RunStore
  var onProgress: @Sendable (BenchmarkEvent) -> Void = { _ in }

  /// Measures so many blocks of each side and returns both runs, finished and stored.
  func measured(_ a: Side, _ b: Side, blocks: Int) async throws -> (Run, Run) {
    var sides = [a, b]
    let mark = Run.newID()
    for place in sides.indices {
      sides[place].run.settings["interleaved"] = mark
      sides[place].run.settings["benchmark"] = JSONOutput.line(settings)
      try store.begin(sides[place].run)
    }
    for side in BlockOrder.interleaved(pairs: blocks) {
      let place = side == .a ? 0 : 1
      try await measureBlock(&sides[place])
      if Task.isCancelled { break }
    }
    for place in sides.indices { try finish(&sides[place]) }
    return (sides[0].run, sides[1].run)
  }

  /// Measures the next block of one side; only its first has a warm-up.
  private func measureBlock(_ side: inout Side) async throws {
    let number = side.run.stages.count + 1
    guard let stage = settings.stages.first else { return }
    var settings = settings
    settings.stages = [Stage(name: "block \(number)", load: stage.load, stop: stage.stop)]
    if number > 1 { settings.warmupRequests = 0 }
    let offset = (side.requests.last?.index ?? -1) + 1
    let result = try await Benchmark(settings: settings, target: side.target, onEvent: { onProgress($0) }).run()
    let shifted = result.requests.map { request in
      var request = request
      request.index += offset
      return request
    }
    try store.append(shifted, to: side.run.id)
    side.requests += shifted
    side.run.stages += result.stages
    side.outcome = result
  }

  private func finish(_ side: inout Side) throws {
    let measured = side.requests.filter { $0.stage.hasPrefix("block") }
    side.run.summary = RunSummary(of: measured, goals: settings.goals)
    if let last = side.outcome {
      var evidence = ValidityEvidence(
        settings: settings, requests: measured, summary: side.run.summary, client: last.client,
        isInterrupted: Task.isCancelled)
      evidence.templateTokens = last.calibration.overhead
      side.run.validity = Validity(judging: evidence)
      side.run.client = last.client
    }
    side.run.status = Task.isCancelled ? .incomplete : .complete
    try store.finish(side.run)
  }

  /// What may be said of B against A from their blocks.
  static func verdict(_ a: Run, _ b: Run, within tolerance: Double) -> ComparisonVerdict {
    func rates(_ run: Run) -> [Double] { run.stages.compactMap { $0.summary.outputTokensPerSecond } }
    let doubts = [a, b].filter { !$0.validity.ok || $0.status != .complete }.map {
      Reason("invalid-run", "run \($0.id) is not valid, so nothing rests on it")
    }
    return ComparisonVerdict(
      quantity: "output throughput", stage: "interleaved blocks",
      ratio: RatioInterval(paired: rates(b), to: rates(a)), tolerance: tolerance,
      floor: .interleaved, doubts: doubts)
  }
}
