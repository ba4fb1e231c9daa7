import Units

/// What is known of one stage when it is judged.
struct StageEvidence: Sendable {
  var stage: String
  var requests: RequestEvidence
  var summary: RunSummary
  var client: ClientHealth
  var gaveUp: String?
}

extension StageEvidence {
  init(_ outcome: StageOutcome, stage: String, _ sum: StageSum) {
    self.stage = stage
    requests = sum.evidence
    summary = sum.summary
    client = ClientHealth(outcome)
    if case .tooManyFailures(let error) = outcome.ending { gaveUp = error }
  }
}

/// What is known of a run of several stages when it is judged: each by its own requests, as loads are never pooled.
struct RunEvidence: Sendable {
  var settings: BenchmarkSettings
  var stages: [StageEvidence]
  var client: ClientHealth
  var samples: [TelemetrySample] = []
  var isInterrupted = false
  var unstatedGoal: String?
  var templateTokens = 0.0
  var environmentChanges: [String] = []
  var skipped: SkippedRows?

  /// What is known of the run rather than of one of its stages, with whose requests and client's health each was judged.
  fileprivate var whole: ValidityEvidence {
    let summary = RunSummary(completed: stages.isEmpty ? 0 : 1, errors: 0, durationSeconds: 0)
    var evidence = ValidityEvidence(
      settings: settings, requests: RequestEvidence(), summary: summary, client: client, samples: samples,
      isInterrupted: isInterrupted)
    evidence.unstatedGoal = unstatedGoal
    evidence.environmentChanges = environmentChanges
    return evidence
  }

  fileprivate func evidence(of stage: StageEvidence) -> ValidityEvidence {
    var evidence = ValidityEvidence(
      settings: settings, requests: stage.requests, summary: stage.summary, client: stage.client,
      gaveUp: stage.gaveUp)
    evidence.client.floor = client.floor
    evidence.templateTokens = templateTokens
    return evidence
  }

  fileprivate var rowsSkipped: Reason? {
    guard let skipped, skipped.count > 0 else { return nil }
    return Reason(.rowsSkipped, skipped.sentence)
  }
}

extension Validity {
  /// Judges a run stage by stage; a reason that several share is told once, with their names.
  init(judging run: RunEvidence) {
    let each = run.stages.map { (name: $0.stage, evidence: run.evidence(of: $0)) }
    let whole = run.whole
    self.init(
      invalid: whole.runFaults + Self.joined(each.map { ($0.name, $0.evidence.faults) }),
      doubtful: Self.joined(each.map { ($0.name, $0.evidence.doubts) })
        + whole.runDoubts + [run.rowsSkipped].compactMap { $0 })
  }

  private static func joined(_ stages: [(name: String, reasons: [Reason])]) -> [Reason] {
    var order: [ReasonCode] = []
    var found: [ReasonCode: (reason: Reason, stages: [String])] = [:]
    for (name, reasons) in stages {
      for reason in reasons {
        if found[reason.code] == nil { order.append(reason.code) }
        found[reason.code, default: (reason, [])].stages.append(name)
      }
    }
    return order.compactMap { code in
      guard var (reason, names) = found[code], stages.count > 1 else { return found[code]?.reason }
      // What holds for all of them needs no names.
      guard names.count < stages.count else { return reason }
      let more = names.count > 3 ? " and \(names.count - 2) more" : ""
      names = names.count > 3 ? Array(names.prefix(2)) : names
      reason.message = "at \(names.joined(separator: ", "))\(more), \(reason.message)"
      return reason
    }
  }
}
