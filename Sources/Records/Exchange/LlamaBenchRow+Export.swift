import Benchmarking
public import Engines
import Hardware
import Planning
import Platform
import Units

extension LlamaBenchRow {
  /// One row of prompt processing and one of generation for each stage with a single stream; of an engine's own benchmark, its
  /// tests.
  static func rows(of archive: RunArchive) -> [LlamaBenchRow] {
    let native = archive.run.nativeResults
    guard native.isEmpty else { return native.map { LlamaBenchRow($0, of: archive.run) } }
    return archive.run.stages.filter { $0.concurrency == 1 }.flatMap { stage in
      let requests = archive.requests.filter { $0.stage == stage.name && $0.outcome == .completed }
      // What the server had cached was not computed: it is depth, not prompt speed.
      let prompt = row(
        archive.run, requests, tokens: { request in request.inputTokens.map { $0 - (request.cachedTokens ?? 0) } },
        seconds: { $0.timeToFirstToken })
      let depth = mean(requests.compactMap(\.cachedTokens))
      // Answers are written behind their prompts.
      let length = mean(requests.compactMap(\.inputTokens))
      let generation = row(
        archive.run, requests, tokens: { $0.outputTokens.map { $0 - 1 } },
        seconds: { request in
          request.timePerOutputToken.map { $0 * Double(request.countedOutputTokens - 1) }
        })
      return [
        prompt.map { row in
          with(row) {
            $0.n_prompt = $1
            $0.n_gen = 0
            $0.n_depth = depth
          }
        },
        generation.map { row in
          with(row) {
            $0.n_gen = $1
            $0.n_prompt = 0
            $0.n_depth = length
          }
        },
      ].compactMap { $0 }
    }
  }

  private static func mean(_ counts: [Int]) -> Int { counts.isEmpty ? 0 : counts.reduce(0, +) / counts.count }

  private static func with(
    _ found: (row: LlamaBenchRow, tokens: Int), _ change: (inout LlamaBenchRow, Int) -> Void
  ) -> LlamaBenchRow {
    var row = found.row
    change(&row, found.tokens)
    return row
  }

  private static func row(
    _ run: Run, _ requests: [RequestRecord], tokens: (RequestRecord) -> Int?, seconds: (RequestRecord) -> Double?
  ) -> (row: LlamaBenchRow, tokens: Int)? {
    let samples = requests.compactMap { request -> (tokens: Int, seconds: Double)? in
      guard let count = tokens(request), count > 0, let time = seconds(request), time > 0 else { return nil }
      return (count, time)
    }
    guard !samples.isEmpty else { return nil }
    var row = LlamaBenchRow(of: run)
    row.n_depth = 0
    (row.avg_ns, row.stddev_ns) = moments(samples.map { $0.seconds * 1e9 })
    (row.avg_ts, row.stddev_ts) = moments(samples.map { Double($0.tokens) / $0.seconds })
    return (row, samples.reduce(0) { $0 + $1.tokens } / samples.count)
  }

  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0)
  }

  /// What is the same in all rows of a run.
  ///
  /// - Parameter model: the model's file, where the run does not keep it.
  private init(of run: Run, model: String? = nil) {
    self.init()
    (build_number, build_commit) = Self.parts(ofBuild: run.engineBuild)
    cpu_info = run.machine?.cpu.model?.value ?? run.settings["processor"]
    let cards = run.machine?.accelerators.compactMap { $0.model?.value }.joined(separator: ", ")
    gpu_info = cards ?? run.settings["accelerator"]
    backends = run.engine
    model_filename = run.model?.path ?? model
    model_type = run.model.map { "\($0.architecture) \($0.quantization ?? "")" } ?? run.settings["model"]
    model_size = run.model?.tensorBytes?.value.bytes
    model_n_params = run.model?.parameters?.value
    n_threads = run.threads
    test_time = isoTimestamp(run.startedAt)
  }

  /// The row of a test of the engine's own benchmark.
  private init(_ result: NativeResult, of run: Run) {
    self.init(of: run, model: run.modelAsked ?? run.target)
    n_prompt = result.promptTokens
    n_gen = result.generatedTokens
    n_depth = result.depth
    avg_ts = result.tokensPerSecond
    stddev_ts = result.deviation
    guard !result.samples.isEmpty else {
      // Without repetitions the rate tells how long one takes.
      let tokens = Double(result.promptTokens) + Double(result.generatedTokens)
      if result.tokensPerSecond > 0 { avg_ns = tokens / result.tokensPerSecond * 1e9 }
      return
    }
    (avg_ns, stddev_ns) = Self.moments(result.samples.map { $0 * 1e9 })
  }

  /// `b6910 (a1b2c3d)` or `b6910 a1b2c3d` as number and commit; any other text is the commit.
  private static func parts(ofBuild build: String?) -> (number: Int?, commit: String?) {
    guard let build else { return (nil, nil) }
    let words = build.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].first == "b", let number = Int(words[0].dropFirst()) else { return (nil, build) }
    let commit = words[1].first == "(" && words[1].last == ")" ? words[1].dropFirst().dropLast() : words[1]
    return (number, String(commit))
  }
}

extension Run {
  /// What the engine's own benchmark found, where the run is one of that.
  public var nativeResults: [NativeResult] {
    settings["native"].flatMap { try? StoredJSON.value([NativeResult].self, from: $0) } ?? []
  }

  /// Threads of the server, as the plan launched it or as they were told; nil where that is not known.
  fileprivate var threads: Int? {
    if let plan, let chosen = plan.chosen, plan.options.indices.contains(chosen),
      let threads = plan.options[chosen].launch?.threads
    {
      return threads
    }
    return settings["threads"].flatMap { Int($0) }
  }
}
