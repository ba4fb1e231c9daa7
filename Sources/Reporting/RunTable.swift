import Platform
public import Records
import Units

/// Stored runs at a glance, as `runs list` prints them; a run that is not valid has an exclamation mark.
public struct RunTable: Encodable, Sendable {
  public var schema = "plimsoll.runs/1"
  public var runs: [RunListing]

  public init(_ runs: [RunListing]) { self.runs = runs }

  public func rendered() -> String {
    var table = TextTable(
      [
        "run", "started (UTC)", "status", "model", "engine", "server", "machine", "load", ">output tok/s", ">TTFT",
        ">TPOT",
        ">requests",
        ">errors", "tags and note",
      ],
      // The run's name tells its day and minute.
      optional: [
        "server", "errors", "requests", "status", "started (UTC)", "machine", "engine", "TPOT", "load", "tags and note",
      ])
    for run in runs {
      let words = run.tags.map { "#\($0)" } + [run.note].compactMap { $0 }
      // Without the warm-up, but of a run that was killed, which was never summed up.
      let ended = run.completed + run.errors
      let cells = [
        run.id, String(isoTimestamp(run.startedAt).prefix(16)), run.status.rawValue,
        [run.model ?? "unknown", run.quantization].compactMap { $0 }.joined(separator: " "), run.engine ?? "",
        run.target, run.machine ?? "", run.load ?? "",
        (run.outputTokensPerSecond?.formatted(significant: 3) ?? "") + (run.isValid ? "" : " !"),
        run.timeToFirstToken.map(formattedSeconds) ?? "", run.timePerOutputToken.map(formattedSeconds) ?? "",
        "\(ended > 0 ? ended : run.requests)", "\(run.errors)", words.joined(separator: " "),
      ]
      table.add(cells.map(printable))
    }
    guard let invalid = runs.first(where: { !$0.isValid }) else { return table.rendered() }
    let words = "! not valid; the reasons: plimsoll runs show \(printable(invalid.id))"
    return table.rendered() + "\n\(TextStyle.quiet(words))"
  }
}
