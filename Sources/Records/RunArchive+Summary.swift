public import Benchmarking

extension RunArchive {
  /// Stages that are kept but not measured.
  public static let unmeasuredStages: Set<String> = ["warm-up", "calibration"]

  /// Requests of the measured stages.
  public var measuredRequests: [RequestRecord] {
    requests.filter { !Self.unmeasuredStages.contains($0.stage) }
  }

  /// The archive with the figures of a run that did not come to compute them itself: one that was killed, imported or
  /// merged. A run that has its figures is returned as it is.
  public var summarized: RunArchive {
    let measured = measuredRequests
    guard run.summary.completed == 0, run.summary.errors == 0, !measured.isEmpty else { return self }
    let goals = run.benchmark?.goals ?? []
    let names = measured.map(\.stage).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    var archive = self
    archive.run.stages = names.map { name in
      let load = run.load(of: name)
      let requests = measured.filter { $0.stage == name }
      let summary = RunSummary(
        of: requests, isOpenLoop: load?.isOpenLoop ?? false, concurrency: load?.concurrency, goals: goals)
      return StageResult(
        name: name, concurrency: load?.concurrency, requestsPerSecond: load?.requestsPerSecond, summary: summary)
    }
    archive.run.takeHeadline()
    return archive
  }
}

extension Run {
  /// Makes the summary that of the stage with the most output tokens a second: stages are different loads, so they are never
  /// summed up together. The blocks of an interleaved run are one load.
  mutating func takeHeadline() {
    let best = stages.max { ($0.summary.outputTokensPerSecond ?? 0) < ($1.summary.outputTokensPerSecond ?? 0) }
    guard let best else { return }
    summary = best.summary
    summaryStage = stages.count > 1 ? best.name : nil
  }

  /// Everything that was asked of the benchmark; nil for a run of another program.
  public var benchmark: BenchmarkSettings? {
    settings["benchmark"].flatMap { try? StoredJSON.value(BenchmarkSettings.self, from: $0) }
  }

  /// How requests came in a stage; nil where that was not kept.
  public func load(of stage: String) -> LoadPattern? {
    let stages = benchmark?.stages ?? []
    // The blocks of an interleaved run all have the load of its only stage.
    let asked = stages.first { $0.name == stage } ?? (settings["interleaved"] == nil ? nil : stages.first)
    if let asked { return asked.load }
    // A search makes its stages as it goes, and imports know no more than the name.
    guard stage.hasPrefix("concurrency "), let count = stage.split(separator: " ").last.flatMap({ Int($0) }) else {
      return nil
    }
    return .concurrency(count)
  }

  /// Seconds to a request's first token, by stage: from the schedule where the load was open, else from the send.
  public func firstTokenRule(of stage: String) -> @Sendable (RequestRecord) -> Double? {
    let isOpenLoop = load(of: stage)?.isOpenLoop ?? false
    return { isOpenLoop ? $0.responseTimeToFirstToken : $0.timeToFirstToken }
  }
}
