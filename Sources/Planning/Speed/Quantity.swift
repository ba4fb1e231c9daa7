/// What is fitted: efficiencies (shares of a peak), overheads (microseconds) and factors. All are positive.
public enum Quantity: Int, Hashable, Sendable, CaseIterable {
  /// Share of the memory's peak at which weights are read.
  case weightBandwidth
  /// Share of the memory's peak at which the cache is read.
  case cacheBandwidth
  /// Share of the peak rate in steps over a few tokens.
  case smallBatchCompute
  /// Share of the peak rate of the kernels for many tokens, as used by batches from about 32.
  case matrixCompute
  /// Share of the peak rate of attention while decoding.
  case decodeAttention
  /// Microseconds for each layer of a step.
  case layerOverhead
  /// Microseconds for each step.
  case stepOverhead
  /// Microseconds for each stream of a step: sampling, scheduling.
  case streamOverhead
  /// Microseconds of one all-reduce over two devices, before its bytes.
  case allReduceLatency
  /// Share of the host memory's peak for weights that lie there.
  case hostBandwidth
  /// What the threads of one process wait for each other in a layer, in 3 microseconds for each thread.
  case threadWait
  /// 10^11 operations a second of one thread.
  case threadPeak
  /// Bytes that one thread draws from memory, in 2 x 10^10 a second.
  case threadBandwidth
  /// Factor on the time of a step.
  case stepFactor
  /// Share of the peak rate while reading a prompt.
  case prefillCompute
  /// Share of the peak rate of attention while reading a prompt.
  case prefillAttention
  case prefillLayerOverhead
  /// Microseconds for each piece of a prompt.
  case prefillStepOverhead
  /// Rows, in thirty-twos, to which an expert's tokens are padded.
  case expertTile
  /// Tokens, in sixty-fours, by which a piece of a prompt falls short of filling the device.
  case fillTokens
  /// Threads, in sixties, at which a process has lost half of its speed at reading prompts to waiting for its own threads.
  case prefillThreadScaling
  case prefillThreadPeak
  /// Odds that the stages of a layer split work at once on the pieces of a prompt: 1 for half of what is possible.
  case stageOverlap
  case prefillFactor
  /// Factor from a prompt's time alone to its time in a running server.
  case prefillInflation
  /// Odds of a wait for half of all others' prompts, over those of having come in the first wave: more than one where
  /// later requests come in waves, too.
  case burst
  /// Milliseconds before and after the prompt's own time.
  case requestOverhead
  /// Mean over the limit, where load is driven up to a limit on the slowest requests.
  case limitMargin
  /// Factor on the wait under a load that arrives by chance.
  case randomWait
  /// Factor on the throughput of unbounded offline load.
  case offlineFactor
  /// Steps from a request's arrival to the end of the one that takes it in, that one included.
  case admissionSteps
  /// Milliseconds that the server's front end takes for each of many requests that come at once.
  case frontEnd
}

/// The values of all quantities for one case.
package struct Quantities: Sendable {
  private(set) var logarithms: [Double]
  private var values: [Double]
  /// True where no prompt is read faster than the datasheet's peak allows: what was fitted on a generation's other cards
  /// says no more than that of one that nobody measured.
  var endsAtPeak = false

  package init(logarithms: [Double]) {
    self.logarithms = logarithms
    values = logarithms.map(exponential)
  }

  subscript(quantity: Quantity) -> Double { values[quantity.rawValue] }

  /// A share of a peak that stays below it: as fitted up to nine tenths, and bent towards one beyond.
  func capped(_ quantity: Quantity) -> Double {
    let share = self[quantity]
    return share / power(1 + power(share, 12), 1 / 12)
  }

  /// A quantity taken as odds, as a share of a peak, which nothing exceeds.
  func share(_ quantity: Quantity) -> Double { self[quantity] / (1 + self[quantity]) }

  /// Changes one quantity by a factor's logarithm, in place: the fit's finite differences.
  package mutating func shift(_ quantity: Quantity, by logarithm: Double) {
    logarithms[quantity.rawValue] += logarithm
    values[quantity.rawValue] = exponential(logarithms[quantity.rawValue])
  }
}
