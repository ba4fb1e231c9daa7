import Benchmarking

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures the load generator: alone against the built-in server, or against any server for a comparison of clients.
///
///     client-speed                      the built-in server: bursts, short answers, timing at 64 streams
///     client-speed URL STREAMS COUNT TOKENS   another server: one JSON line with what this process used
enum ClientSpeed {
  static func run(_ arguments: [String]) async {
    do {
      if arguments.count == 4, let streams = Int(arguments[1]), let count = Int(arguments[2]),
        let tokens = Int(arguments[3])
      {
        try await measure(arguments[0], streams: streams, count: count, tokens: tokens)
      } else {
        try await builtIn()
      }
    } catch {
      print("client-speed: \(error)")
      exit(1)
    }
  }

  /// The figures of the selftest, one to a line.
  private static func builtIn() async throws {
    let selftest = Selftest()
    let speed = try await selftest.speed()
    print("burst_events_per_cpu_second \(Int(speed.burstEventsPerCPUSecond))")
    print("short_requests_per_second \(Int(speed.shortRequestsPerSecond))")
    print("short_requests_per_cpu_second \(Int(speed.shortRequestsPerCPUSecond))")
    print("first_request_milliseconds \(speed.firstRequestSeconds * 1000)")
    for streams in [8, 64] {
      let floor = try await selftest.timing(streams: streams)
      print("ttft_error_p50_microseconds_\(streams)_streams \(Int(floor.timeToFirstTokenP50 * 1e6))")
      print("ttft_error_p99_microseconds_\(streams)_streams \(Int(floor.timeToFirstTokenP99 * 1e6))")
      print("itl_error_p99_microseconds_\(streams)_streams \(Int(floor.interTokenP99 * 1e6))")
    }
  }

  /// Loads a server and prints what came and what it cost.
  private static func measure(_ url: String, streams: Int, count: Int, tokens: Int) async throws {
    let stage = Stage(load: .concurrency(streams), stop: StopRule(requests: count))
    var settings = BenchmarkSettings(stages: [stage], warmupRequests: 0)
    settings.dataset.inputLength = .constant(16)
    settings.dataset.outputLength = .constant(tokens)
    settings.sampleSeconds = 0
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: url, model: "mock")
    ).run()
    let chunks = result.requests.reduce(0) { $0 + $1.chunkTimes.count }
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    print(
      """
      {"client":"plimsoll","completed":\(result.summary.completed),"chunks":\(chunks),"cpu_seconds":\(cpu),\
      "wall_seconds":\(result.durationSeconds),"chunks_per_cpu_second":\(Double(chunks) / cpu),\
      "ttft_p50_ms":\((result.summary.timeToFirstToken.p50 ?? 0) * 1000),\
      "itl_mean_ms":\((result.summary.interTokenLatency.mean ?? 0) * 1000),"max_rss_kb":\(usage.ru_maxrss)}
      """)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
