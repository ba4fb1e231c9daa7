import Benchmarking
import Records
import Units

/// Whether the figures are valid, and how well the load generator itself did. In every report.
func trustSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("validity", "Validity")
  for subject in subjects { section.notices += validityNotices(subject) }
  section.tables = [clientTable(subjects)]
  section.paragraphs = [
    "The client is part of every measurement: a request that is sent late or a token that is read late counts against "
      + "the server. A run whose client was the bottleneck is marked invalid and is not used in a verdict."
  ]
  return section
}

private func validityNotices(_ subject: ReportSubject) -> [Notice] {
  let prefix = subject.letter.isEmpty ? "" : "\(subject.letter): "
  var notices: [Notice] = []
  if subject.run.status != .complete {
    let count = subject.requests.count
    notices.append(
      Notice(.bad, "\(prefix)the run is \(subject.run.status.rawValue); \(count) requests were kept of it"))
  }
  func notice(_ level: Notice.Level, _ reason: Reason) -> Notice {
    Notice(level, "\(prefix)\(reason.message) [\(reason.code)]\(reason.remedy.map { " (\($0))" } ?? "")")
  }
  notices += subject.run.validity.invalid.map { notice(.bad, $0) }
  let doubts = subject.run.validity.doubtful
  if notices.isEmpty {
    let more = doubts.isEmpty ? "" : doubts.count == 1 ? ", with one remark" : ", with \(doubts.count) remarks"
    notices = [Notice(.good, "\(prefix)the figures are valid\(more)")]
  }
  notices += doubts.map { notice(.doubtful, $0) }
  return notices
}

private func clientTable(_ subjects: [ReportSubject]) -> ReportTable {
  let absent = "not recorded"
  func row(_ name: String, _ unit: ReportUnit, _ value: (ClientHealth) -> Double?) -> [ReportCell] {
    [.text(name)]
      + subjects.map { subject in
        .figure(subject.run.client.flatMap(value), unit, "measured by the client of itself", or: absent)
      }
  }
  var table = ReportTable(
    "The client's own health (its error is against a built-in server of known timing, just before the run)",
    [.text("Figure")] + subjects.map { .number($0.label) },
    [
      row("Error of the time to first token, median", .seconds) { $0.floor?.timeToFirstTokenP50 },
      row("Error of the time to first token, p99 or largest", .seconds) { $0.floor?.timeToFirstTokenP99 },
      row("Error of the time between tokens, p99", .seconds) { $0.floor?.interTokenP99 },
      row("Streams at once in that check", .count) { $0.floor.map { Double($0.streams) } },
      row("Send later than scheduled, median", .seconds) { $0.dispatchLateness.p50 },
      row("Send later than scheduled, p95", .seconds) { $0.dispatchLateness.p95 },
      row("Send later than scheduled, largest", .seconds) { $0.dispatchLateness.maximum },
      row("Longest stall of its loop", .seconds) { $0.longestStall },
      row("Share of one core used", .share) { $0.busyShare },
      row("Events in one read, mean", .count) { $0.eventsPerRead },
    ])
  table.isFolded = true
  return table
}
