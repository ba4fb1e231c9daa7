public import Benchmarking
public import Engines
public import Records
import Units

/// Two servers measured in turns, as a terminal shows the verdict.
public struct TurnsSummary: Sendable {
  private let a: Run
  private let b: Run
  private let verdict: ComparisonVerdict

  public init(_ a: Run, _ b: Run, _ verdict: ComparisonVerdict) {
    self.a = a
    self.b = b
    self.verdict = verdict
  }

  public func rendered() -> String {
    var lines = ["\(printable(b.target)) against \(printable(a.target)): \(verdict.sentence)"]
    if let ratio = verdict.ratio {
      lines.append(
        "speed ratio \(ratio.estimate.formatted(decimals: 3)), 95% interval \(ratio.low.formatted(decimals: 3)) to "
          + "\(ratio.high.formatted(decimals: 3)), \(ratio.blocks) pairs of blocks")
    }
    lines += verdict.reasons.map { "\($0.message) [\($0.code)]" }
    lines.append("plimsoll compare \(a.id) \(b.id)")
    return lines.joined(separator: "\n")
  }
}

/// What an engine's own benchmark found, as a terminal shows it.
public struct NativeSummary: Sendable {
  private let run: Run
  private let results: [NativeResult]
  private let served: RunListing?

  /// - Parameter served: the latest served run of the same target.
  public init(_ run: Run, _ results: [NativeResult], served: RunListing?) {
    self.run = run
    self.results = results
    self.served = served
  }

  public func rendered() -> String {
    var table = TextTable(["test", ">tok/s", ">deviation", ">repetitions"])
    for result in results {
      table.add([
        result.test, result.tokensPerSecond.formatted(significant: 4),
        result.deviation?.formatted(significant: 2) ?? "unknown", "\(result.samples.count)",
      ])
    }
    return "\(table.rendered())\n\(besideServed)"
  }

  /// The latest served run, in the same units.
  private var besideServed: String {
    guard let served, let each = served.timePerOutputToken, each > 0 else {
      return "run \(run.id): no served run of \(printable(run.target)) is stored to compare with"
    }
    let rate = (1 / each).formatted(significant: 4)
    return "run \(run.id): served by run \(served.id), \(rate) tok/s for one stream at the median"
  }
}
