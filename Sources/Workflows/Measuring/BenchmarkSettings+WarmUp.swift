public import Benchmarking

extension BenchmarkSettings {
  /// Warm-up requests, unless a number is asked for: as many as will be in flight, 8 at most.
  public static func usualWarmup(of stages: [Stage]) -> Int {
    min(8, max(1, stages.compactMap { $0.load.concurrency }.max() ?? 2))
  }
}
