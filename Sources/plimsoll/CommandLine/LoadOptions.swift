public import ArgumentParser
public import Benchmarking
import Units
import Workflows

/// How a benchmark loads a server and when it stops.
struct LoadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Requests in flight, by stage: 4, 1,4,16 or 1-64:x2.", valueName: "list"))
  var concurrency: String?
  @Option(help: ArgumentHelp("Requests a second, by stage.", valueName: "list"))
  var rate: String?
  @Option(
    help: ArgumentHelp(
      "How arrivals are spread: constant, poisson or gamma:SHAPE (default: poisson).", valueName: "process",
      visibility: .hidden))
  var arrivals: String?
  @Option(
    help: ArgumentHelp(
      "The most requests in flight under --rate or in a trace.", valueName: "count", visibility: .hidden))
  var maxInFlight: Int?
  @Option(
    help: ArgumentHelp("Requests in flight that grow evenly: FROM:TO:SECONDS.", valueName: "ramp", visibility: .hidden))
  var concurrencyRamp: String?
  @Option(
    help: ArgumentHelp("Requests a second that grow evenly: FROM:TO:SECONDS.", valueName: "ramp", visibility: .hidden))
  var rateRamp: String?
  @Option(help: ArgumentHelp("Requests in each stage; with --duration, whichever ends first.", valueName: "n"))
  var requests: Int?
  @Option(help: ArgumentHelp("Seconds of each stage.", valueName: "s")) var duration: Double?
  @Option(
    help: ArgumentHelp(
      "Stop once the mean latency is known to this share, such as 0.02.", valueName: "share", visibility: .hidden))
  var precision: Double?
  @Option(help: ArgumentHelp("Bounds, such as \"ttft p95 < 2 s, tpot p95 < 60 ms\".", valueName: "bounds"))
  var goal: String?
  @Option(
    help: ArgumentHelp(
      "Bounds of a known benchmark: \(GoalPreset.allCases.map { $0.rawValue }.joined(separator: ", ")).",
      visibility: .hidden))
  var preset: GoalPreset?
  @Flag(help: "Find the highest load within the bounds.") var search = false
  @Option(help: ArgumentHelp("Requests before the measurement; not counted.", valueName: "n")) var warmup: Int?
  @Option(help: ArgumentHelp("Seconds that one request may take.", visibility: .hidden)) var timeout = 600.0
  @Option(
    help: ArgumentHelp("Seconds to wait for answers after the last request.", visibility: .hidden))
  var grace = 30.0
  @Option(help: ArgumentHelp("Seed of prompts and arrivals.", visibility: .hidden)) var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp("This client's part of a load that several make: 2/4.", valueName: "i/n", visibility: .hidden))
  var shard: String?
  @Option(
    help: ArgumentHelp(
      "When all shards begin: 2026-11-24T12:00:00Z, or seconds since 1970.", valueName: "time", visibility: .hidden))
  var startAt: Moment?
  @Flag(help: ArgumentHelp("Ask for token counts with each chunk.", visibility: .hidden)) var countPerChunk = false

  func validate() throws {
    if let requests, requests < 1 { throw ValidationError("--requests must be at least 1") }
    for (name, value) in [("--duration", duration), ("--timeout", timeout), ("--precision", precision)] {
      if let value, !(value > 0 && value <= 1e8) { throw ValidationError("\(name) must be above 0 and at most 1e8") }
    }
    guard grace >= 0, grace <= 1e8 else { throw ValidationError("--grace must be from 0 to 1e8 seconds") }
    if let precision, precision >= 1 { throw ValidationError("--precision is a share below 1, such as 0.02") }
    if arrivals != nil, rate == nil, rateRamp == nil { throw ValidationError("--arrivals needs --rate or --rate-ramp") }
    if let maxInFlight, maxInFlight < 1 { throw ValidationError("--max-in-flight must be at least 1") }
    if let warmup, warmup < 0 { throw ValidationError("--warmup must not be below 0") }
    if search, goal == nil, preset == nil { throw ValidationError("--search needs --goal or --preset") }
    let hasLoad = concurrency != nil || rate != nil || concurrencyRamp != nil || rateRamp != nil || shard != nil
    if search, hasLoad {
      throw ValidationError("--search chooses the loads itself: leave out --concurrency, --rate, ramps and --shard")
    }
    let loads = [
      ("--concurrency", concurrency), ("--rate", rate), ("--concurrency-ramp", concurrencyRamp),
      ("--rate-ramp", rateRamp),
    ].filter { $0.1 != nil }.map(\.0)
    guard loads.count <= 1 else {
      throw ValidationError(
        "\(loads.joined(separator: " and ")) are different loads: give one, and measure in two runs")
    }
    if startAt != nil, shard == nil { throw ValidationError("--start-at needs --shard") }
  }

  /// True where an option was given that only the load of a server has.
  var isGiven: Bool {
    let texts = [concurrency, rate, arrivals, concurrencyRamp, rateRamp, goal, shard]
    let counts = [requests, warmup, maxInFlight]
    return texts.contains { $0 != nil } || counts.contains { $0 != nil } || duration != nil || precision != nil
      || preset != nil || search || countPerChunk || timeout != 600 || grace != 30 || seed != 1
  }

  func settings(dataset: DatasetSettings, prompts: PromptOptions) throws -> BenchmarkSettings {
    let stages = try stages(isTrace: prompts.isTrace)
    var settings = BenchmarkSettings(stages: stages, dataset: dataset, cache: prompts.cache, seed: seed)
    settings.warmupRequests = warmup ?? BenchmarkSettings.usualWarmup(of: stages)
    if prompts.cache == .warm, prompts.isTrace || settings.warmupRequests == 0 {
      throw ValidationError("--cache warm measures only what its warm-up has sent: no trace, and no --warmup 0")
    }
    settings.fixedOutputLength = !prompts.freeOutputLength
    settings.countsPerChunk = countPerChunk
    settings.requestTimeoutSeconds = timeout
    settings.graceSeconds = grace
    if let goal {
      guard let goals = LatencyGoal.list(goal) else {
        throw ValidationError("cannot read --goal \"\(goal)\": write \"ttft p95 < 2 s, tpot p95 < 60 ms\"")
      }
      settings.goals = goals
    }
    settings.goals += preset?.goals ?? []
    settings.search = search ? GoalSearch() : nil
    if let shard {
      guard let part = Shard(parsing: shard) else { throw ValidationError("--shard is i/n, such as 2/4") }
      settings.shard = Shard(index: part.index, count: part.count, startAt: startAt?.secondsSince1970)
    }
    return settings
  }

  private func stages(isTrace: Bool) throws -> [Stage] {
    let asked = StopRule(requests: requests, seconds: duration, precision: precision)
    return try patterns(isTrace: isTrace).map { Stage(load: $0, stop: asked.ending($0)) }
  }

  private func patterns(isTrace: Bool) throws -> [LoadPattern] {
    let spread = arrivals ?? "poisson"
    guard let process = ArrivalProcess(parsing: spread) else {
      throw ValidationError("--arrivals is constant, poisson or gamma:SHAPE, not \"\(spread)\"")
    }
    var patterns = try Self.list(concurrency, "--concurrency").map { LoadPattern.concurrency(Int($0.rounded())) }
    patterns += try Self.list(rate, "--rate").map { .rate($0, process: process, cap: maxInFlight) }
    if let ramp = try Self.ramp(concurrencyRamp, "--concurrency-ramp") {
      patterns.append(.concurrencyRamp(from: Int(ramp.from), to: Int(ramp.to), seconds: ramp.seconds))
    }
    if let ramp = try Self.ramp(rateRamp, "--rate-ramp") {
      patterns.append(
        .rateRamp(from: ramp.from, to: ramp.to, seconds: ramp.seconds, process: process, cap: maxInFlight))
    }
    if patterns.isEmpty { patterns = [isTrace ? .trace(scale: 1, cap: maxInFlight) : .concurrency(1)] }
    if maxInFlight != nil, !patterns.contains(where: \.isOpenLoop) {
      throw ValidationError("--max-in-flight bounds --rate and traces: --concurrency is the number in flight itself")
    }
    // A range of small steps rounds to the same number twice; a stage is measured once.
    return patterns.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func list(_ text: String?, _ name: String) throws -> [Double] {
    guard let text else { return [] }
    guard let numbers = SweepList.numbers(text), numbers.allSatisfy({ $0 <= 100_000 }) else {
      throw ValidationError("cannot read \(name) \"\(text)\": write 4, or 1,4,16, or 1-64:x2")
    }
    return numbers
  }

  private static func ramp(_ text: String?, _ name: String) throws -> (from: Double, to: Double, seconds: Double)? {
    guard let text else { return nil }
    guard let ramp = SweepList.ramp(text) else {
      throw ValidationError("cannot read \(name) \"\(text)\": write FROM:TO:SECONDS, such as 1:32:60")
    }
    return ramp
  }
}

extension GoalPreset: ExpressibleByArgument {}
extension CacheMode: ExpressibleByArgument {}
extension DatasetSettings.Kind: ExpressibleByArgument {}
extension BenchmarkTarget.API: ExpressibleByArgument {}
