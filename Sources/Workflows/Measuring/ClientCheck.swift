import Benchmarking

/// The load generator's own error, measured on this machine for about a second before a server is.
enum ClientCheck {
  /// Measures it with as many streams as the benchmark's heaviest stage has, at most 64.
  static func floor(_ settings: BenchmarkSettings) async throws -> ClientFloor {
    let most = settings.stages.compactMap { $0.load.mostInFlight }.max() ?? 8
    let streams = min(64, max(1, most))
    try Benchmark.requireFiles(for: settings, streamsOfSelftest: streams)
    // A round lasts a fifth of a second; six of one stream state a median, at least.
    return try await Selftest().timing(streams: streams, rounds: 6, tokens: 16)
  }
}
