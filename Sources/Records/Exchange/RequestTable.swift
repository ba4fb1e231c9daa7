import Benchmarking
import Units

/// Requests as comma-separated values (RFC 4180): times in seconds since the run's start, and no times of single tokens.
enum RequestTable {
  private static let titles = [
    "index", "stage", "outcome", "scheduled_s", "sent_s", "first_token_s", "first_output_s", "last_token_s",
    "closed_s", "input_tokens", "output_tokens", "cached_tokens", "requested_output_tokens", "http_status",
    "finish_reason", "ttft_s", "tpot_s", "e2e_s", "error", "chunks", "turn", "hidden_tokens",
  ]

  static func csv(_ requests: [RequestRecord]) -> String { csvText([titles] + requests.map(cells)) }

  private static func cells(_ request: RequestRecord) -> [String] {
    let times = [
      request.scheduled, request.sent, request.firstToken, request.firstOutput, request.lastToken, request.closed,
    ]
    let counts = [
      request.inputTokens, request.outputTokens, request.cachedTokens, request.requestedOutputTokens, request.status,
    ]
    let spans = [request.timeToFirstToken, request.timePerOutputToken, request.endToEnd]
    func text(_ count: Int?) -> String { count.map { "\($0)" } ?? "" }
    return ["\(request.index)", request.stage, request.outcome.rawValue]
      + times.map { $0.map { "\(Double($0) / 1e9)" } ?? "" } + counts.map { text($0) }
      + [request.finishReason ?? ""] + spans.map { $0.map { "\($0)" } ?? "" }
      + [request.error ?? "", "\(request.chunkTimes.count)", text(request.turn), text(request.hiddenTokens)]
  }
}

extension RequestTable {
  /// A line that was read: a request without the times of its tokens, and what the line says of them.
  struct Row {
    var request: RequestRecord
    var timePerOutputToken: Double?
    /// True where the tokens are the chunks that came, for want of the server's count.
    var countsChunks = false
  }

  /// Reads the lines of a table whose first names our columns; nil where that is none of ours.
  ///
  /// - Throws: `RecordError.refusedImport` with the place of a line that is not understood, or `CancellationError`.
  static func rows(_ text: some StringProtocol, file: String) throws -> [Row]? {
    var lines = CSVCells(text.first == "\u{FEFF}" ? String(text.dropFirst()) : String(text))
    guard let names = lines.next(), Set(names).isSuperset(of: ["index", "stage", "outcome", "scheduled_s"]) else {
      return nil
    }
    var rows: [Row] = []
    while let cells = lines.next() {
      if rows.count.isMultiple(of: 1024) { try Task.checkCancellation() }
      if cells == [""] { continue }
      guard cells.count == names.count, let row = row(Dictionary(zip(names, cells)) { first, _ in first }) else {
        throw RecordError.refusedImport(file: file, cause: "line \(rows.count + 2) is not one of a request")
      }
      rows.append(row)
    }
    return rows
  }

  /// Returns the request of a line; nil where a cell does not hold what it has to.
  private static func row(_ cells: [String: String]) -> Row? {
    var isSound = true
    func cell(_ name: String) -> String? { cells[name].flatMap { $0.isEmpty ? nil : $0 } }
    func read<Value>(_ name: String, _ value: (String) -> Value?) -> Value? {
      guard let text = cell(name) else { return nil }
      let found = value(text)
      if found == nil { isSound = false }
      return found
    }
    func count(_ name: String) -> Int? { read(name) { Int($0) } }
    func seconds(_ name: String) -> Double? {
      read(name) { Double($0).flatMap { $0.isFinite && $0.magnitude < 1e9 ? $0 : nil } }
    }
    func time(_ name: String) -> Int64? { seconds(name).map { Int64(($0 * 1e9).rounded()) } }
    guard let index = count("index"), let outcome = cell("outcome").flatMap({ RequestRecord.Outcome(rawValue: $0) }),
      let scheduled = time("scheduled_s")
    else { return nil }
    var request = RequestRecord(
      index: index, stage: withoutApostrophe(cells["stage"] ?? ""), scheduled: scheduled, outcome: outcome)
    request.sent = time("sent_s")
    request.firstToken = time("first_token_s")
    request.firstOutput = time("first_output_s")
    request.lastToken = time("last_token_s")
    request.closed = time("closed_s")
    request.inputTokens = count("input_tokens")
    request.outputTokens = count("output_tokens")
    request.cachedTokens = count("cached_tokens")
    request.requestedOutputTokens = count("requested_output_tokens")
    request.status = count("http_status")
    request.turn = count("turn")
    request.hiddenTokens = count("hidden_tokens")
    request.finishReason = cell("finish_reason").map { withoutApostrophe($0) }
    request.error = cell("error").map { withoutApostrophe($0) }
    var row = Row(request: request, timePerOutputToken: seconds("tpot_s"))
    if request.outputTokens == nil, let chunks = count("chunks"), chunks > 0 {
      row.request.outputTokens = chunks
      row.countsChunks = true
    }
    return isSound ? row : nil
  }

  /// The text before it was kept from being a formula.
  private static func withoutApostrophe(_ cell: String) -> String {
    let rest = String(cell.dropFirst())
    return cell.first == "'" && isFormula(rest) ? rest : cell
  }

  /// Makes a run of the lines. Times per token are those that they state; without the times of single tokens there are no
  /// latencies between them.
  static func archive(_ rows: [Row], id: String, startedAt: Double) -> RunArchive {
    var archive = RunArchive(requests: rows.map(\.request), id: id, startedAt: startedAt).summarized
    let byStage = Dictionary(grouping: rows) { $0.request.stage }
    for place in archive.run.stages.indices {
      let completed = byStage[archive.run.stages[place].name]?.filter { $0.request.outcome == .completed } ?? []
      archive.run.stages[place].summary.timePerOutputToken = Distribution(
        samples: completed.compactMap(\.timePerOutputToken))
      archive.run.stages[place].summary.tokenCounting = completed.contains { $0.countsChunks } ? .chunks : nil
    }
    archive.run.takeHeadline()
    archive.run.validity = Validity(
      invalid: [],
      doubtful: [
        Reason(.importedFigures, "the table holds no times of single tokens, so there are no latencies between them")
      ])
    return archive
  }
}

extension RunArchive {
  /// Makes a run of requests that came without one: lines that we exported.
  init(requests: [RequestRecord], id: String, startedAt: Double) {
    var run = Run(id: id, startedAt: startedAt, target: "imported requests")
    run.status = .complete
    run.settings = ["imported from": "lines of requests"]
    self.init(run: run, requests: requests)
  }
}
