import Benchmarking
import Records
import Units

/// Energy over a run, from counters that only grow.
enum EnergyUse {
  /// Returns the samples with the mean power since the sample before, in watts, in place of the energy so far.
  static func power(_ samples: [TelemetrySample]) -> [TelemetrySample] {
    let known = samples.filter { $0.joules != nil }
    return zip(known, known.dropFirst()).compactMap { before, after in
      guard let from = before.joules, let to = after.joules, to >= from, after.time > before.time else { return nil }
      var sample = after
      sample.joules = (to - from) / (Double(after.time - before.time) / 1e9)
      return sample
    }
  }

  /// Joules over all samples; nil where the counters were not readable.
  ///
  /// The counters of runs in blocks start anew with each block, so what counts is the sum of the steps upwards.
  static func total(_ samples: [TelemetrySample]) -> Double? {
    let known = samples.compactMap(\.joules)
    let sum = zip(known, known.dropFirst()).reduce(0) { $0 + max(0, $1.1 - $1.0) }
    return sum > 0 ? sum : nil
  }
}

extension EnergyUse {
  /// Joules for each output token of the run; nil where either is unknown.
  static func perToken(_ subject: ReportSubject) -> Double? {
    guard let tokens = subject.run.summary.outputTokens, tokens > 0 else { return nil }
    return total(subject.telemetry).map { $0 / Double(tokens) }
  }
}

/// Energy of each run, all of it and by token; nil where no run has any.
func energyTable(_ subjects: [ReportSubject]) -> ReportTable? {
  let used = subjects.map { EnergyUse.total($0.telemetry) }
  guard used.contains(where: { $0 != nil }) else { return nil }
  let absent = "counters not readable"
  func row(_ name: String, _ unit: ReportUnit, _ value: (ReportSubject, Double) -> Double?) -> [ReportCell] {
    [.text(name)]
      + zip(subjects, used).map { subject, joules in
        .figure(joules.flatMap { value(subject, $0) }, unit, "computed from the processors' counters", or: absent)
      }
  }
  return ReportTable(
    "Energy of the processors, warm-up and idle time of the run included",
    [.text("Figure")] + subjects.map { .number($0.label) },
    [
      row("Energy", .joules) { $1 },
      row("Mean power", .watts) { subject, joules in
        let times = subject.telemetry.filter { $0.joules != nil }.map(\.time)
        guard let first = times.first, let last = times.last, last > first else { return nil }
        return joules / (Double(last - first) / 1e9)
      },
      row("Energy for each output token", .joulesPerToken) { subject, _ in EnergyUse.perToken(subject) },
    ])
}
