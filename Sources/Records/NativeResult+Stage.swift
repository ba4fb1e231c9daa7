public import Benchmarking
public import Engines

extension NativeResult {
  /// The result as a stage, so that it goes into the same records as a served one.
  public var stage: StageResult {
    var summary = RunSummary(completed: samples.count, errors: 0, durationSeconds: samples.reduce(0, +))
    if generatedTokens > 0 {
      summary.outputTokensPerSecond = tokensPerSecond
      summary.timePerOutputToken = Distribution(samples: samples.map { $0 / Double(generatedTokens) })
    } else {
      summary.inputTokensPerSecond = tokensPerSecond
      summary.timeToFirstToken = Distribution(samples: samples)
    }
    return StageResult(name: "in process: \(test)", concurrency: 1, requestsPerSecond: nil, summary: summary)
  }
}
