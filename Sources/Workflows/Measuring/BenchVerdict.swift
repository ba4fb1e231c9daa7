public import Benchmarking
public import Records
import Units

/// What a finished benchmark means for the exit code.
public struct BenchVerdict: Sendable {
  private let run: Run
  private let goals: [LatencyGoal]

  public init(_ run: Run, goals: [LatencyGoal]) {
    self.run = run
    self.goals = goals
  }

  /// The loads of a sweep one by one: together they are no load at all. Of a search, the load that it found.
  private var judged: [(name: String, summary: RunSummary)] {
    let isSweep = run.stages.count > 1 && run.settings["interleaved"] == nil && run.benchmark?.search == nil
    return isSweep ? run.stages.map { (" at \($0.name)", $0.summary) } : [("", run.summary)]
  }

  /// - Throws: `Failure` where the figures are invalid or a goal was missed.
  public func check() throws {
    if !run.validity.ok, let reason = run.validity.reasons.first {
      throw Failure(.invalidResult, reason.code, reason.message, remedy: reason.remedy)
    }
    for (name, summary) in judged {
      for goal in goals where goal.holds(for: summary) != true {
        let isKnown = goal.holds(for: summary) != nil
        throw Failure(
          .invalidResult, isKnown ? .goalMissed : .tooFewSamples,
          isKnown ? "\(goal) was not kept\(name)" : "too few requests to state \(goal)\(name)")
      }
    }
  }
}
