public import Benchmarking
public import Records
import Units

/// Two servers measured in turns, with the verdict on which is faster.
public struct TurnsJob: Sendable {
  let workspace: Workspace
  let store: RunStore
  public var pairs: ClosedRange<Int>
  /// Differences up to this part of one count as the same.
  public var tolerance: Double

  /// - Parameter pairs: pairs of blocks that are measured in any case, and the most.
  public init(in workspace: Workspace, store: RunStore, pairs: ClosedRange<Int>, tolerance: Double) {
    self.workspace = workspace
    self.store = store
    self.pairs = pairs
    self.tolerance = tolerance
  }

  /// What was measured of both, and what may be said of the second against the first.
  public struct Outcome: Sendable {
    public var a: Run
    public var b: Run
    public var verdict: ComparisonVerdict
    /// What kept them from being stored whole; nil where they were.
    public var storingFailure: (any Error)?
  }

  /// Measures both.
  ///
  /// - Throws: `Failure` where the settings are for one server alone, and what measuring and storing throw.
  public func measured(
    _ a: String, _ b: String, _ words: TargetWords, _ settings: BenchmarkSettings, engine: String?, tags: [String],
    onProgress: @escaping @Sendable (BenchmarkEvent) -> Void
  ) async throws -> Outcome {
    guard settings.stages.count == 1, settings.search == nil else {
      throw Failure(.usage, .oneLoad, "--compare measures one load in turns", remedy: "name one, without --search")
    }
    guard settings.shard == nil, words.processes.isEmpty else {
      throw Failure(
        .usage, .oneClient, "--compare takes its turns alone and finds each server's process by itself",
        remedy: "leave out --shard and --server-pid")
    }
    func side(_ text: String) async throws -> InterleavedBenchmark.Side {
      let target = try await workspace.target(text, words)
      try workspace.requireRoom(on: target, for: settings)
      let run = await workspace.newRun(of: target, engine: engine, tags: tags, under: settings)
      return InterleavedBenchmark.Side(target: target, run: run)
    }
    let benchmark = InterleavedBenchmark(
      settings: settings, store: store, pairs: pairs, tolerance: tolerance, onProgress: onProgress)
    let (first, second) = try await benchmark.measured(try await side(a), try await side(b))
    return Outcome(
      a: first, b: second, verdict: InterleavedVerdict(first, second, within: tolerance).verdict,
      storingFailure: benchmark.storingFailure)
  }
}
