public import Benchmarking
import Platform
public import Records
import Reporting
import Units

/// Two servers measured in turns, A B B A, so that drift of the machine falls on both alike.
///
/// Each side becomes a run whose stages are its blocks; both carry the same mark, by which `compare` pairs them.
public struct InterleavedBenchmark: Sendable {
  /// One of the two servers, with what is known of it and what was measured.
  public struct Side: Sendable {
    var target: BenchmarkTarget
    var run: Run
    /// The blocks so far, which are all of one load.
    var blocks: SummaryAccumulator?
    var nextIndex = 0
    /// How prompts were made to fit the server's tokenizer, learned in the first block and kept for all.
    var calibration: TokenCalibration?
    /// What spoils a block, by the number of the block.
    var faults: [Int: [Reason]] = [:]
    /// Where the telemetry of the next block begins, nanoseconds.
    var clock: Int64 = 0

    public init(target: BenchmarkTarget, run: Run) {
      self.target = target
      self.run = run
    }
  }

  var settings: BenchmarkSettings
  var store: RunStore
  /// Pairs of blocks that are measured in any case, and the most that are added while nothing is decided.
  var pairs: ClosedRange<Int>
  /// Differences up to this part of one count as the same.
  var tolerance: Double
  var onProgress: @Sendable (BenchmarkEvent) -> Void
  /// One session with each library for all blocks.
  private let accelerators = NvidiaMeter.all
  private let failure = StoringFailure()

  /// What kept requests or the runs from being stored; nil where everything was. The figures hold all the same.
  public var storingFailure: (any Error)? { failure.error }

  public init(
    settings: BenchmarkSettings, store: RunStore, pairs: ClosedRange<Int>, tolerance: Double,
    onProgress: @escaping @Sendable (BenchmarkEvent) -> Void = { _ in }
  ) {
    self.settings = settings
    self.store = store
    self.pairs = pairs
    self.tolerance = tolerance
    self.onProgress = onProgress
  }

  /// Measures both sides until their difference is decided or the most blocks are reached; both runs are stored.
  ///
  /// Where storing fails on the way the figures are returned all the same, and `storingFailure` says why.
  public func measured(_ a: Side, _ b: Side) async throws -> (Run, Run) {
    var sides = [a, b]
    let mark = Run.newID()
    let floor = try await ClientCheck.floor(settings)
    for place in sides.indices {
      sides[place].run.plimsoll = .current
      sides[place].run.settings["interleaved"] = mark
      sides[place].run.settings.merge(settings.facts) { _, new in new }
      sides[place].run.settings["benchmark"] = JSONOutput.line(settings)
      sides[place].run.client = ClientHealth(floor: floor)
      try store.begin(sides[place].run)
    }
    for (number, side) in BlockOrder.interleaved(pairs: pairs.upperBound).enumerated() {
      do {
        try await measureBlock(&sides[side == .a ? 0 : 1], number: number / 2 + 1)
      } catch BenchmarkError.dataset(let path, let cause) where number == 0 {
        // Prompts are read before any is measured: nothing is lost with the runs.
        for side in sides { try store.delete(side.run.id, force: true) }
        throw BenchmarkError.dataset(path: path, cause: cause)
      }
      if Task.isCancelled { break }
      // After A B B A each side came first equally often.
      let done = (number + 1) / 2
      guard number % 4 == 3 || done == pairs.upperBound, done >= pairs.lowerBound else { continue }
      let verdict = InterleavedVerdict(sides[0].run, sides[1].run, within: tolerance)
      if verdict.isSettled(afterLooksFrom: pairs.lowerBound) { break }
    }
    for place in sides.indices { finish(&sides[place]) }
    return (sides[0].run, sides[1].run)
  }

  /// Measures the next block of one side; only its first has a warm-up.
  private func measureBlock(_ side: inout Side, number: Int) async throws {
    guard let stage = settings.stages.first else { return }
    var settings = settings
    settings.stages = [Stage(name: "block \(number)", load: stage.load, stop: stage.stop)]
    if number > 1 { settings.warmupRequests = 0 }
    // Both sides of a pair ask for the same; no two blocks ask for the same text, which a cache might know.
    settings.seed &+= UInt64(number)
    settings.nonce = .random(in: 1...(1 << 53))
    let offset = side.nextIndex
    let result = try await Benchmark(
      settings: settings, target: side.target, calibration: side.calibration, accelerators: accelerators,
      onEvent: { onProgress($0) }
    ).run()
    let clock = side.clock
    let shifted = result.requests.map { request in
      var request = request.moved(by: clock)
      request.index += offset
      return request
    }
    failure.storing {
      try store.append(shifted, to: side.run.id)
      try store.append(result.samples.map { $0.shifted(by: clock) }, to: side.run.id)
    }
    side.clock += Int64(result.durationSeconds * 1e9)
    side.nextIndex = offset + ((result.requests.last?.index).map { $0 + 1 } ?? 0)
    var blocks =
      side.blocks
      ?? SummaryAccumulator(isOpenLoop: stage.load.isOpenLoop, concurrency: nil, goals: settings.goals, origin: 0)
    for request in shifted where request.stage.hasPrefix("block") { blocks.add(request) }
    side.blocks = blocks
    side.run.stages += result.stages
    side.calibration = result.calibration
    side.target.outputLimit = result.outputLimit
    side.run.client = result.client.worse(than: side.run.client)
    let faults = result.validity.ok ? [] : result.validity.reasons.filter { $0.code != .tooFewSamples }
    if !faults.isEmpty {
      side.faults[number] = faults
      side.run.settings[RunComparison.spoiledBlocks] = side.faults.keys.sorted().map { "\($0)" }.joined(separator: ",")
    }
    side.run.serverPeakBytes = [side.run.serverPeakBytes?.value.bytes, result.serverPeakBytes].compactMap { $0 }.max()
      .map { Figure(ByteCount($0), .measured, "largest resident memory of the server while it was measured") }
  }

  private func finish(_ side: inout Side) {
    if let blocks = side.blocks { side.run.summary = blocks.summary }
    var invalid: [Reason] = []
    var doubtful: [Reason] = []
    let codes = Set(side.faults.values.joined().map(\.code)).map(\.rawValue).sorted().joined(separator: ", ")
    let sentence = "\(side.faults.count) of \(side.run.stages.count) blocks are not used (\(codes))"
    if 4 * side.faults.count > side.run.stages.count {
      invalid = [side.faults.values.first?.first, Reason(.blocksUnused, sentence)].compactMap { $0 }
    } else if !side.faults.isEmpty {
      doubtful = [Reason(.blocksUnused, sentence)]
    }
    if Task.isCancelled { invalid.append(Reason(.interrupted, "the run was stopped before its end")) }
    if let client = side.run.client {
      doubtful +=
        ValidityEvidence(
          settings: settings, requests: side.blocks?.evidence ?? RequestEvidence(), summary: side.run.summary,
          client: client
        ).doubts
    }
    side.run.validity = Validity(invalid: invalid, doubtful: doubtful)
    side.run.status = Task.isCancelled ? .incomplete : .complete
    failure.finish(&side.run, in: store)
  }
}

/// What may be said of B against A from their blocks.
public struct InterleavedVerdict: Hashable, Sendable {
  public let verdict: ComparisonVerdict
  private let tolerance: Double

  public init(_ a: Run, _ b: Run, within tolerance: Double) {
    self.tolerance = tolerance
    let pairs = RunComparison.pairedStages(a, b)
    func rates(_ stages: [StageResult]) -> [Double] { stages.compactMap { $0.summary.outputTokensPerSecond } }
    let lengths = AnswerLengths(of: pairs.map(\.1.summary)).doubt(against: AnswerLengths(of: pairs.map(\.0.summary)))
    let doubts =
      [a, b].filter { !$0.validity.ok || [.incomplete, .failed].contains($0.status) }.map {
        Reason(.invalidRun, "run \($0.id) is not valid, so it is not compared")
      } + [lengths].compactMap { $0 }
    verdict = ComparisonVerdict(
      quantity: "output throughput", stage: "interleaved blocks",
      ratio: RatioInterval(paired: rates(pairs.map(\.1)), to: rates(pairs.map(\.0))), tolerance: tolerance,
      floor: .interleaved, doubts: doubts)
  }

  /// True where more blocks would hardly change the verdict: the same, or beyond what counts as the same.
  ///
  /// Looking again and again must not turn noise into a difference, so its interval is the one for all looks at once.
  func isSettled(afterLooksFrom first: Int) -> Bool {
    guard let ratio = verdict.ratio else { return false }
    let wide = ratio.widened(forLooksFrom: first)
    return verdict.outcome == .same || wide.low > 1 + tolerance || wide.high < 1 / (1 + tolerance)
  }
}
