/// A case with what is asked of it.
public struct SpeedQuestion: Hashable, Sendable {
  public enum Load: Hashable, Sendable {
    /// Generation: mean of the rates over these lengths and batch of one process.
    case decode(lengths: [Double], streams: Double)
    /// Reading prompts: mean of the rates over these lengths, after a depth.
    case prefill(lengths: [Double], depth: Double, prompts: Double)
    /// A number of requests in flight over all replicas; of so many in all, where a run has an end that is stated.
    case closed(inFlight: Double, input: Double, output: Double, requests: Double? = nil)
    /// So many requests over all replicas, all sent at the start.
    case atOnce(requests: Double, input: Double, output: Double)
    /// Requests a second over all replicas, and how many in all; at most a number of them in flight, where there is one.
    case arrivals(rate: Double, requests: Double, input: Double, output: Double, mostInFlight: Double?)
    /// One batch of prompts, until the first token.
    case prompts(batch: Double, input: Double)
    /// Whole batches, one after the other.
    case fixedBatches(size: Double, input: Double, output: Double)
    /// As much as goes, within a limit on the time of a token where there is one.
    case open(input: Double, output: Double, limit: Double?)
  }

  public var speedCase: SpeedCase
  public var measure: SpeedMeasure
  public var load: Load

  public init(_ speedCase: SpeedCase, _ measure: SpeedMeasure, _ load: Load) {
    self.speedCase = speedCase
    self.measure = measure
    self.load = load
  }

  /// Returns the expected answer: tokens a second, or seconds.
  package func answer(_ q: Quantities) -> Double {
    switch load {
    case .decode(let lengths, let streams):
      let rates = lengths.map { streams * speedCase.processes / step(q, streams, $0) }
      return rates.reduce(0, +) / Double(max(rates.count, 1))
    case .prefill(let lengths, let depth, let prompts):
      let rates = lengths.map { tokens in
        speedCase.processes * tokens * prompts
          / max(speedCase.promptTime(q, tokens: tokens, depth: depth, batch: prompts).total, 1e-9)
      }
      return rates.reduce(0, +) / Double(max(rates.count, 1))
    case .closed(let inFlight, let input, let output, let requests):
      var server = ServerLoad(speedCase: speedCase, inputTokens: input, outputTokens: output)
      server.firstWave = requests.map { min(1, inFlight / max($0, 1)) } ?? 0
      let outcome = server.steady(q, inFlight: max(inFlight / speedCase.replicas, 1))
      return pick(outcome, throughput: server.throughput(outcome, inFlight: inFlight))
    case .atOnce(let requests, let input, let output):
      let server = ServerLoad(speedCase: speedCase, inputTokens: input, outputTokens: output)
      let run = server.atOnce(q, requests: max(requests / speedCase.replicas, 1))
      return pick(run.outcome, throughput: run.outputTokensPerSecond)
    case .arrivals(let rate, let requests, let input, let output, let most):
      let server = ServerLoad(speedCase: speedCase, inputTokens: input, outputTokens: output)
      let run = server.arriving(
        q, rate: rate / speedCase.replicas, requests: max(requests / speedCase.replicas, 1),
        mostInFlight: most.map { $0 / speedCase.replicas })
      return pick(run.outcome, throughput: run.outputTokensPerSecond)
    case .prompts(let batch, let input):
      return speedCase.promptTime(q, tokens: input, batch: batch).total * q[.prefillInflation]
    case .fixedBatches(let size, let input, let output):
      let server = ServerLoad(speedCase: speedCase, inputTokens: input, outputTokens: output)
      return pick(server.steady(q, inFlight: size), throughput: server.staticThroughput(q, batch: size))
    case .open(let input, let output, let limit):
      let server = ServerLoad(speedCase: speedCase, inputTokens: input, outputTokens: output)
      let best = server.best(q, within: limit)
      return pick(best.outcome, throughput: best.outputTokensPerSecond * output / max(output, 1))
    }
  }

  private func step(_ q: Quantities, _ streams: Double, _ length: Double) -> Double {
    max(speedCase.decodeStep(q, streams: streams, length: length).total, 1e-9)
  }

  private func pick(_ outcome: ServerLoad.Outcome, throughput: Double) -> Double {
    switch measure {
    case .servingTimePerOutputToken: outcome.timePerOutputToken
    case .servingTimeToFirstToken: outcome.timeToFirstToken
    default: throughput
    }
  }

  /// The quantities that the answer may depend on.
  package var quantities: [Quantity] {
    switch load {
    case .decode:
      speedCase.stack == .local
        ? [
          .weightBandwidth, .cacheBandwidth, .smallBatchCompute, .matrixCompute, .decodeAttention, .layerOverhead,
          .stepOverhead, .hostBandwidth, .threadWait, .threadPeak, .threadBandwidth, .stepFactor,
        ] : Quantity.allCases.filter { !$0.isLoad }
    case .prefill:
      Quantity.allCases.filter {
        $0.rawValue >= Quantity.prefillCompute.rawValue && $0.rawValue <= Quantity.prefillFactor.rawValue
      }
    default: Quantity.allCases
    }
  }
}
