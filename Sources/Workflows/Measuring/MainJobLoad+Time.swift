import Benchmarking
import Engines
import Planning
import Units

extension MainJobLoad {
  /// How long the benchmark of an option takes at its predicted speed, seconds, warm-up counted; nil where no speed is
  /// predicted.
  ///
  /// Between one stream and all, the rate is taken to grow evenly with the requests in flight.
  func expectedSeconds(_ option: PlanOption) -> Double? {
    guard let one = option.speed?.decode?.expected, one > 0 else { return nil }
    let all = max(one, option.speed?.decodeAggregate?.expected ?? one)
    let most = max(1, option.parallel * option.placement.replicas)
    let reading = option.speed?.prefill.map { Double(inputTokens) / max(1, $0.expected) } ?? 0
    func seconds(_ requests: Int, _ load: Int) -> Double {
      let share = most > 1 ? Double(min(load, most) - 1) / Double(most - 1) : 0
      let rate = one + (all - one) * share
      return Double(requests) * (reading + Double(outputTokens) / rate)
    }
    let asked = settings
    let stages = asked.stages.reduce(0.0) { $0 + seconds($1.stop.requests ?? 1, $1.load.concurrency ?? 1) }
    return stages + seconds(asked.warmupRequests, 1)
  }
}

extension Double {
  /// A time that is only estimated: `20 s`, `2 min`, `3 h`.
  var roughTime: String {
    switch self {
    case ..<10: "a few seconds"
    case ..<90: "\(Int((self / 10).rounded()) * 10) s"
    case ..<5400: "\(Int((self / 60).rounded())) min"
    default: "\(Int((self / 3600).rounded())) h"
    }
  }
}
