public import Benchmarking
import GRDB
import Units
import Hardware
import Planning
import Platform

extension RunStore {
  /// Returns the full identifier of the run that a person means: `last`, `last-1`, or the start or end of one.
  ///
  /// `last` is the run that was stored last: a merged run begins with its first shard, and an imported one long ago.
  ///
  /// - Throws: `RecordError.noSuchRun`, or `.ambiguousRun` with the candidates.
  public func identifier(_ words: String) throws(RecordError) -> String {
    try reading { database in
      if words == "last" || words.hasPrefix("last-") {
        let back = words == "last" ? 0 : Int(words.dropFirst(5)) ?? -1
        let found = try String.fetchOne(
          database, sql: "SELECT id FROM runs ORDER BY key DESC LIMIT 1 OFFSET ?", arguments: [back])
        guard back >= 0, let found else { throw RecordError.noSuchRun(words) }
        return found
      }
      let exact = try String.fetchOne(database, sql: "SELECT id FROM runs WHERE id = ?", arguments: [words])
      if let exact { return exact }
      guard words.count >= 3 else { throw RecordError.noSuchRun(words) }
      let count = words.unicodeScalars.count
      let matches = try String.fetchAll(
        database,
        sql: "SELECT id FROM runs WHERE substr(id, 1, ?) = ? OR substr(id, -?) = ? ORDER BY startedAt LIMIT 6",
        arguments: [count, words, count, words])
      guard let first = matches.first else {
        let latest = try String.fetchAll(database, sql: "SELECT id FROM runs ORDER BY key DESC LIMIT 1000")
        throw RecordError.noSuchRun(words, nearest: nearestNames(to: words, in: latest, count: 2))
      }
      guard matches.count == 1 else { throw RecordError.ambiguousRun(words, matches: matches) }
      return first
    }
  }

  /// Reads a run without its requests; one whose process has gone before it finished is `incomplete`.
  public func run(_ words: String) throws(RecordError) -> Run {
    let id = try identifier(words)
    return try reading { database in try run(id, in: database) }
  }

  /// Reads the requests of a run in the order in which they were stored.
  ///
  /// - Parameters:
  ///   - stage: reads those of one stage alone.
  ///   - withChunks: false leaves out the times of the tokens, which is several times faster.
  public func requests(
    of id: String, stage: String? = nil, withChunks: Bool = true
  ) throws(RecordError) -> [RequestRecord] {
    try reading { database in try requests(of: id, stage: stage, withChunks: withChunks, in: database) }
  }

  /// Reads the samples of the machine taken while a run went on.
  public func telemetry(of id: String) throws(RecordError) -> [TelemetrySample] {
    try reading { database in try telemetry(of: id, in: database) }
  }

  /// Reads a run with its requests and samples, all from one moment.
  public func archive(_ words: String) throws(RecordError) -> RunArchive {
    let id = try identifier(words)
    return try reading { database in
      RunArchive(
        run: try run(id, in: database),
        requests: try requests(of: id, stage: nil, withChunks: true, in: database),
        telemetry: try telemetry(of: id, in: database))
    }
  }

  // MARK: - Rows

  private func run(_ id: String, in database: Database) throws -> Run {
    let sql = """
      SELECT runs.*, machines.json AS machineJSON, plans.json AS planJSON, models.json AS modelJSON FROM runs
      LEFT JOIN documents AS machines ON machines.id = runs.machine
      LEFT JOIN documents AS plans ON plans.id = runs.plan
      LEFT JOIN documents AS models ON models.id = runs.model WHERE runs.id = ?
      """
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [id]) else { throw RecordError.noSuchRun(id) }
    let key: Int64 = row["key"]
    var run = try decoded(Run.self, row["body"], of: id)
    run.machine = try (row["machineJSON"] as String?).map { try decoded(Machine.self, $0, of: id) }
    run.plan = try (row["planJSON"] as String?).map { try decoded(Plan.self, $0, of: id) }
    run.model = try (row["modelJSON"] as String?).map { try decoded(ModelSummary.self, $0, of: id) }
    run.note = row["note"]
    run.status = RunOwner(row).resolved(run.status)
    run.tags = try String.fetchAll(
      database, sql: "SELECT tag FROM tags WHERE run = ? ORDER BY tag", arguments: [key])
    run.stages = try String.fetchAll(
      database, sql: "SELECT result FROM stages WHERE run = ? AND result IS NOT NULL ORDER BY position",
      arguments: [key]
    ).map { try decoded(StageResult.self, $0, of: id) }
    // Older versions summed up all loads together.
    let isOfOneLoad = run.settings["interleaved"] != nil || run.settings["imported from"] != nil
    if run.stages.count > 1, run.summaryStage == nil, !isOfOneLoad { run.takeHeadline() }
    return run
  }

  private func requests(
    of id: String, stage: String?, withChunks: Bool, in database: Database
  ) throws -> [RequestRecord] {
    guard let key = try Int64.fetchOne(database, sql: "SELECT key FROM runs WHERE id = ?", arguments: [id]) else {
      throw RecordError.noSuchRun(id)
    }
    let rows = try Row.fetchAll(database, sql: "SELECT position, name FROM stages WHERE run = ?", arguments: [key])
    var stages: [Int: String] = [:]
    for row in rows { stages[row[0]] = row[1] }
    let columns = try Self.columnsOfRequests(in: database)
    var sql = RequestRow.selection(withChunks: withChunks, of: columns) + " WHERE run = ?"
    var arguments: StatementArguments = [key]
    if let stage {
      guard let position = stages.first(where: { $0.value == stage })?.key else { return [] }
      sql += " AND stage = ?"
      arguments += [position]
    }
    let cursor = try Row.fetchCursor(database, sql: sql + " ORDER BY sequence", arguments: arguments)
    var found: [RequestRecord] = []
    while let row = try cursor.next() {
      found.append(try RequestRow.request(row, stages: stages, withChunks: withChunks, path: path))
    }
    return found
  }

  private func telemetry(of id: String, in database: Database) throws -> [TelemetrySample] {
    let sql = """
      SELECT samples FROM telemetry WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY sequence
      """
    return try String.fetchAll(database, sql: sql, arguments: [id]).flatMap {
      try decoded([TelemetrySample].self, $0, of: id)
    }
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ text: String, of id: String) throws -> Value {
    do { return try StoredJSON.value(type, from: text) } catch {
      throw RecordError.damaged(path: path, cause: "the \(type) of run \(id) cannot be read")
    }
  }
}
