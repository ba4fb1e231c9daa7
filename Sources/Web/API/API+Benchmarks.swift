import Benchmarking
import Deployment
import Platform
import Records
import Reporting
import Synchronization
import Units
import Workflows

extension API {
  var benchmarkEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "POST", path: "/benchmarks", name: "measure", group: "Runs",
        words: "Measure a deployment under a load. The answer is a job; its result is a run.",
        body: [
          Field("deployment", .text(most: 64), "A deployment's name.", required: true),
          Field(
            "concurrency", .texts(most: 16, length: 6), "Requests in flight, one stage for each; 1, 2, 4 if left out."),
          Field("rates", .texts(most: 16, length: 10), "Or requests a second, one stage for each."),
          Field("arrivals", .text(most: 20), "With rates: constant, poisson or gamma:SHAPE; poisson if left out."),
          Field("requests", .integer(1...100_000), "Requests in each stage; more for more load if left out."),
          Field("seconds", .number(1...86_400), "Seconds of each stage; with requests, whichever ends first."),
          Field("warmup", .integer(0...10_000), "Requests before the measurement."),
          Field("inputTokens", .integer(2...1_000_000), "Tokens of each prompt; 128 if left out."),
          Field("outputTokens", .integer(2...1_000_000), "Tokens of each answer; 48 if left out."),
          Field("inputLengths", .text(most: 60), "Or their spread.", example: "lognormal:200:0.8"),
          Field("outputLengths", .text(most: 60), "Or their spread: 100-400, normal:256:50.", example: "100-400"),
          Field("sharedPrefix", .integer(0...1_000_000), "First tokens that all prompts share."),
          Field("goal", .text(most: 200), "Bounds, such as ttft p95 < 2 s, tpot p95 < 60 ms."),
          Field("search", .flag, "With goal: find the highest load within it."),
          Field("tags", .texts(most: 16, length: 60), "Tags to find the run by."),
          Field("note", .text(most: 500), "A note kept with the run."),
        ], status: 202, answer: .document("job")
      ) { inputs in try await measure(inputs) }
    ]
  }

  private func measure(_ inputs: Inputs) async throws -> WebResponse {
    let name = try named(inputs)
    let settings = try Self.benchmark(inputs)
    let (tags, note) = (inputs.texts("tags"), inputs.text("note"))
    let target = try await workspace.target(name)
    try workspace.requireRoom(on: target, for: settings)
    return try begun(
      jobs.start("bench", name) { reporter in
        let place = workspace.heard(by: reporter.audience(agrees: false))
        var run = await place.newRun(of: target, tags: tags, under: settings)
        run.note = note
        let live = Mutex(LiveStage(stages: settings.search == nil ? settings.stages.count : nil))
        let recorded = RecordedBenchmark(settings: settings, target: target, run: run, store: store) { event in
          live.withLock { $0.take(event) }
          switch event {
          case .progress(let progress):
            let (stage, figures) = live.withLock { ($0.stage, $0.figures) }
            reporter.progress(progress.share, step: stage, figures: figures)
          case .stageFinished(let stage): reporter.note(LiveStage.summary(of: stage))
          default: break
          }
        }
        let measured = try await recorded.measured()
        if let failure = recorded.storingFailure { throw failure }
        if let lesson = place.lesson(of: measured) { reporter.note(lesson) }
        if measured.status == .incomplete { throw Failure.interrupted(keeping: [measured]) }
        return Self.path("runs", measured.id)
      })
  }

  /// The benchmark that a request asks for.
  ///
  /// - Throws: `WebFault` for fields that do not go together or cannot be read.
  static func benchmark(_ inputs: Inputs) throws -> BenchmarkSettings {
    let load = MainJobLoad()
    var dataset = DatasetSettings(
      input: try length(inputs, "inputTokens", "inputLengths") ?? .constant(load.inputTokens),
      output: try length(inputs, "outputTokens", "outputLengths") ?? .constant(load.outputTokens))
    dataset.sharedPrefixTokens = inputs.integer("sharedPrefix") ?? 0
    guard Double(dataset.sharedPrefixTokens) < dataset.inputLength.mean else {
      throw WebFault(400, "sharedPrefix leaves nothing of the prompts")
    }
    let stages = try stages(inputs, usual: load.concurrency)
    var settings = BenchmarkSettings(stages: stages, dataset: dataset)
    settings.warmupRequests = inputs.integer("warmup") ?? BenchmarkSettings.usualWarmup(of: stages)
    if let goal = inputs.text("goal") {
      guard let goals = LatencyGoal.list(goal) else {
        throw WebFault(400, "goal is written as ttft p95 < 2 s, tpot p95 < 60 ms")
      }
      settings.goals = goals
    }
    if inputs.flag("search") {
      guard !settings.goals.isEmpty else { throw WebFault(400, "search needs a goal") }
      settings.search = GoalSearch()
    }
    return settings
  }

  private static func stages(_ inputs: Inputs, usual: [Int]) throws -> [Stage] {
    let (streams, rates) = (inputs.texts("concurrency"), inputs.texts("rates"))
    if !streams.isEmpty, !rates.isEmpty { throw WebFault(400, "concurrency and rates are different loads; give one") }
    if inputs.flag("search"), !streams.isEmpty || !rates.isEmpty {
      throw WebFault(400, "search chooses the loads itself: leave out concurrency and rates")
    }
    let asked = StopRule(requests: inputs.integer("requests"), seconds: inputs.number("seconds"))
    if !rates.isEmpty {
      guard let process = ArrivalProcess(parsing: inputs.text("arrivals") ?? "poisson") else {
        throw WebFault(400, "arrivals is constant, poisson or gamma:SHAPE")
      }
      return try rates.map { text in
        guard let rate = Double(text), rate > 0, rate <= 100_000 else {
          throw WebFault(400, "rates is a list of numbers above 0, up to 100,000")
        }
        let load = LoadPattern.rate(rate, process: process, cap: nil)
        return Stage(load: load, stop: asked.ending(load))
      }
    }
    if inputs.text("arrivals") != nil { throw WebFault(400, "arrivals needs rates") }
    if inputs.flag("search") {
      return [Stage(load: .concurrency(1), stop: asked.ending(.concurrency(1)))]
    }
    let numbers = try streams.map { text in
      guard let number = Int(text), (1...1024).contains(number) else {
        throw WebFault(400, "concurrency is a list of numbers from 1 to 1024")
      }
      return number
    }
    return (numbers.isEmpty ? usual : numbers).map { number in
      Stage(
        load: .concurrency(number),
        stop: asked == StopRule() ? StopRule(requests: MainJobLoad.usualRequests(at: number)) : asked)
    }
  }

  private static func length(_ inputs: Inputs, _ count: String, _ spread: String) throws -> LengthDistribution? {
    guard let text = inputs.text(spread) else { return inputs.integer(count).map { .constant($0) } }
    guard inputs.integer(count) == nil else { throw WebFault(400, "\(count) and \(spread) state the same; give one") }
    guard let length = LengthDistribution(parsing: text) else {
      throw WebFault(400, "\(spread) is 256, 100-400, normal:256:50 or lognormal:200:0.8")
    }
    return length
  }
}
