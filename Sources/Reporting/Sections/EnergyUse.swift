import Benchmarking
import Records
import Units

/// Energy over a run, from a counter that only grows.
struct EnergyUse {
  /// What the counter counts, as a reader calls it.
  let name: String
  private let counter: @Sendable (TelemetrySample) -> Double?

  static let processors = EnergyUse(name: "processors") { $0.joules }
  static let accelerators = EnergyUse(name: "accelerators") { $0.acceleratorJoules }

  private init(name: String, counter: @escaping @Sendable (TelemetrySample) -> Double?) {
    self.name = name
    self.counter = counter
  }

  /// The moments at which the mean power since the moment before is known, in nanoseconds and watts.
  func power(_ samples: [TelemetrySample]) -> [(time: Int64, watts: Double)] {
    let known = samples.filter { counter($0) != nil }
    return zip(known, known.dropFirst()).compactMap { before, after in
      guard let from = counter(before), let to = counter(after), to >= from, after.time > before.time else {
        return nil
      }
      return (after.time, (to - from) / (Double(after.time - before.time) / 1e9))
    }
  }

  /// Joules over all samples; nil where the counters were not readable.
  ///
  /// The counters of runs in blocks start anew with each block, so what counts is the sum of the steps upwards.
  func total(_ samples: [TelemetrySample]) -> Double? {
    let known = samples.compactMap(counter)
    let sum = zip(known, known.dropFirst()).reduce(0) { $0 + max(0, $1.1 - $1.0) }
    return sum > 0 ? sum : nil
  }

  func meanWatts(_ samples: [TelemetrySample]) -> Double? {
    let times = samples.filter { counter($0) != nil }.map(\.time)
    guard let joules = total(samples), let first = times.first, let last = times.last, last > first else { return nil }
    return joules / (Double(last - first) / 1e9)
  }

  /// Joules for each output token of the run; nil where either is unknown.
  func perToken(_ subject: ReportSubject) -> Double? {
    let summaries = subject.run.stages.isEmpty ? [subject.run.summary] : subject.run.stages.map(\.summary)
    let tokens = summaries.compactMap(\.outputTokens).reduce(0, +)
    guard tokens > 0 else { return nil }
    return total(subject.telemetry).map { $0 / Double(tokens) }
  }
}

/// Energy of each run, all of it and by token; empty where no run has any.
func energyTables(_ subjects: [ReportSubject]) -> [ReportTable] {
  [EnergyUse.processors, .accelerators].compactMap { use in
    guard subjects.contains(where: { use.total($0.telemetry) != nil }) else { return nil }
    func row(_ name: String, _ unit: ReportUnit, _ value: (ReportSubject) -> Double?) -> [ReportCell] {
      let source = "computed from the \(use.name)' counters"
      return [.text(name)] + subjects.map { .figure(value($0), unit, source, or: "counters not readable") }
    }
    return ReportTable(
      "Energy of the \(use.name), warm-up and idle time of the run included",
      [.text("Figure")] + subjects.map { .number($0.label) },
      [
        row("Energy", .joules) { use.total($0.telemetry) },
        row("Mean power", .watts) { use.meanWatts($0.telemetry) },
        row("Energy for each output token", .joulesPerToken) { use.perToken($0) },
      ])
  }
}
