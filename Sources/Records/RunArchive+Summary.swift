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
    var archive = self
    archive.run.summary = RunSummary(of: measured)
    let names = measured.map(\.stage).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    archive.run.stages = names.map { name in
      let concurrency = name.split(separator: " ").last.flatMap { name.hasPrefix("concurrency ") ? Int($0) : nil }
      let requests = measured.filter { $0.stage == name }
      return StageResult(
        name: name, concurrency: concurrency, requestsPerSecond: nil,
        summary: RunSummary(of: requests, concurrency: concurrency))
    }
    return archive
  }
}
