import Benchmarking
import Units

extension VLLMBenchResult {
  /// True for a document that carries what no other kind does.
  var isRecognizable: Bool { completed != nil && duration != nil && statistics["mean_ttft_ms"] != nil }

  /// Makes a run; its requests come along only where the file tells when each was sent.
  func archive(id: String, startedAt: Double) -> RunArchive {
    let program = backend?.hasPrefix("sglang") == true ? "SGLang bench_serving" : "vllm bench serve"
    let model = modelID ?? serverInfo?.model_path ?? tag
    var run = Run(id: id, startedAt: FileDate.seconds(date) ?? startedAt, target: model ?? program)
    run.status = .complete
    // The form of the protocol is no engine.
    run.engine = backend.flatMap { $0.hasPrefix("openai") ? nil : $0 }
    run.modelAsked = model
    run.settings = ["imported from": program]
    run.settings["requests"] = numPrompts.map { "\($0)" }
    run.settings["date in the file"] = date
    if let codes = invalidCodes?.prefix(8).map({ String($0.prefix(40)) }), !codes.isEmpty {
      run.validity.invalidate(
        Reason(.importedInvalid, "the run was not valid where it was measured: \(codes.joined(separator: ", "))"))
    }
    let requests = records
    guard requests.isEmpty else { return RunArchive(run: run, requests: requests) }
    var summary = RunSummary(completed: completed ?? 0, errors: failed ?? 0, durationSeconds: duration ?? 0)
    summary.outputTokensPerSecond = outputThroughput
    summary.requestsPerSecond = requestThroughput
    summary.inputTokens = totalInputTokens
    summary.outputTokens = totalOutputTokens
    summary.totalTokensPerSecond = totalTokenThroughput
    if let totalInputTokens, let duration, duration > 0 {
      summary.inputTokensPerSecond = Double(totalInputTokens) / duration
    }
    summary.timeToFirstToken = distribution("ttft")
    summary.timePerOutputToken = distribution("tpot")
    summary.interTokenLatency = distribution("itl")
    summary.endToEnd = distribution("e2el")
    run.summary = summary
    run.stages = [StageResult(name: stage, concurrency: maxConcurrency, requestsPerSecond: nil, summary: summary)]
    run.validity = Validity(
      invalid: run.validity.invalid,
      doubtful: [Reason(.importedFigures, "the figures are another program's and rest on no stored request")])
    return RunArchive(run: run)
  }

  private var stage: String { maxConcurrency.map { "concurrency \($0)" } ?? "imported" }

  private var records: [RequestRecord] {
    guard let ttfts, let itls, let startTimes, let outputLens, ttfts.count == itls.count,
      ttfts.count == startTimes.count, ttfts.count == outputLens.count, let zero = startTimes.min()
    else { return [] }
    return ttfts.indices.map { index in
      let error = errors.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? ""
      let isFailed = !error.isEmpty
      let sent = nanoseconds(startTimes[index] - zero)
      let outcome = error == Self.unanswered ? RequestRecord.Outcome.censored : isFailed ? .failed : .completed
      var request = RequestRecord(index: index, stage: stage, scheduled: sent, outcome: outcome)
      request.sent = sent
      request.inputTokens = inputLens.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      if outcome == .failed { request.error = error }
      guard !isFailed, ttfts[index] > 0 else { return request }
      request.outputTokens = outputLens[index]
      var time = sent + nanoseconds(ttfts[index])
      request.firstToken = time
      request.chunkTimes = [time]
      for gap in itls[index] {
        // What overflows is refused afterwards, with all else that cannot be.
        time &+= nanoseconds(gap)
        request.chunkTimes.append(time)
      }
      request.lastToken = time
      return request
    }
  }

  private func distribution(_ metric: String) -> Distribution {
    var found = Distribution(count: completed ?? 0)
    func seconds(_ kind: String) -> Double? { statistics["\(kind)_\(metric)_ms"].map { $0 / 1000 } }
    found.mean = seconds("mean")
    found.p50 = seconds("median")
    found.standardDeviation = seconds("std")
    found.p90 = seconds("p90")
    found.p95 = seconds("p95")
    found.p99 = seconds("p99")
    return found
  }
}

/// Seconds of a foreign file as nanoseconds; what cannot be a time of a benchmark is zero.
func nanoseconds(_ seconds: Double) -> Int64 {
  guard seconds.isFinite, seconds.magnitude < 1e8 else { return 0 }
  return Int64((seconds * 1e9).rounded())
}
