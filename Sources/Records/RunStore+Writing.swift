public import Benchmarking
import GRDB
import Hardware
import Planning
public import Platform

extension RunStore {
  /// Records that a run has started and that a process of this machine is measuring it.
  ///
  /// - Throws: `RecordError.alreadyStored` where the identifier is taken.
  public func begin(_ run: Run, owner: ProcessIdentity? = .current) throws(RecordError) {
    try writing { database in try insert(run, owner: owner, origin: .measured, into: database) }
  }

  /// Replaces all but the requests of a run that is going on: its plan, its engine's build, what is known so far.
  ///
  /// Tags and a note that another process has set in the meantime are kept.
  public func update(_ run: Run) throws(RecordError) {
    try writing { database in try replace(run, isFinished: false, in: database) }
  }

  /// Records that a run has ended; a run that is still `running` becomes `complete`.
  public func finish(_ run: Run) throws(RecordError) {
    var ended = run
    if ended.status == .running { ended.status = .complete }
    let final = ended
    try writing { database in try replace(final, isFinished: true, in: database) }
  }

  /// Appends requests to a run in one transaction; call it while the run goes on, some hundreds at a time.
  public func append(_ requests: [RequestRecord], to id: String) throws(RecordError) {
    guard !requests.isEmpty else { return }
    try writing { database in try insert(requests, into: database, run: try key(of: id, in: database)) }
  }

  /// Appends samples of the machine to a run.
  public func append(_ samples: [TelemetrySample], to id: String) throws(RecordError) {
    guard !samples.isEmpty else { return }
    try writing { database in try insert(samples, into: database, run: try key(of: id, in: database)) }
  }

  /// Stores a run that was measured elsewhere, with everything that belongs to it, in one transaction.
  public func add(_ archive: RunArchive, origin: RunOrigin) throws(RecordError) {
    try writing { database in
      try insert(archive.run, owner: nil, origin: origin, into: database)
      let key = try key(of: archive.run.id, in: database)
      try insert(archive.requests, into: database, run: key)
      try insert(archive.telemetry, into: database, run: key)
    }
  }

  // MARK: - Rows

  private func key(of id: String, in database: Database) throws -> Int64 {
    guard let key = try Int64.fetchOne(database, sql: "SELECT key FROM runs WHERE id = ?", arguments: [id]) else {
      throw RecordError.noSuchRun(id)
    }
    return key
  }

  private func insert(_ run: Run, owner: ProcessIdentity?, origin: RunOrigin, into database: Database) throws {
    let taken = try Bool.fetchOne(database, sql: "SELECT 1 FROM runs WHERE id = ?", arguments: [run.id]) ?? false
    guard !taken else { throw RecordError.alreadyStored(run.id) }
    try database.execute(
      sql: """
        INSERT INTO runs (id, startedAt, status, origin, target, completed, errors, isValid, ownerProcess, ownerStart,
          ownerHost, body) VALUES (?, ?, ?, ?, ?, 0, 0, 1, ?, ?, ?, '')
        """,
      arguments: [
        run.id, run.startedAt, run.status.rawValue, origin.rawValue, run.target, owner?.pid,
        owner.map { Int64(bitPattern: $0.startTicks) }, owner.map { _ in hostName() },
      ])
    try replace(run, isFinished: run.status != .running, in: database)
  }

  private func replace(_ run: Run, isFinished: Bool, in database: Database) throws {
    let key = try key(of: run.id, in: database)
    var body = run
    body.machine = nil
    body.plan = nil
    body.model = nil
    body.stages = []
    body.tags = []
    body.note = nil
    let machine = try document(run.machine, "machine", in: database)
    let plan = try document(run.plan, "plan", in: database)
    let model = try document(run.model, "model", in: database)
    let summary = run.summary
    // What ended, over all stages: a count may be summed up where figures may not.
    let ended = run.stages.isEmpty ? [summary] : run.stages.map(\.summary)
    let (completed, errors) = (ended.reduce(0) { $0 + $1.completed }, ended.reduce(0) { $0 + $1.errors })
    try database.execute(
      sql: """
        UPDATE runs SET startedAt = ?, finishedAt = ?, status = ?, target = ?, machineName = ?, modelName = ?,
          quantization = ?, engine = ?, engineBuild = ?, outputTokensPerSecond = ?, timeToFirstToken = ?,
          timePerOutputToken = ?, completed = ?, errors = ?, isValid = ?, load = ?, note = coalesce(?, note),
          machine = ?, plan = ?, model = ?, body = ? WHERE key = ?
        """,
      arguments: [
        run.startedAt, isFinished ? clock.wallSeconds() : nil, run.status.rawValue, run.target, run.machine?.name,
        run.model?.name ?? run.modelAsked, run.model?.quantization, run.engine, run.engineBuild,
        summary.outputTokensPerSecond,
        summary.timeToFirstToken.p50, summary.timePerOutputToken.p50, completed, errors,
        run.validity.ok, run.summaryStage ?? run.stages.first?.name, run.note, machine, plan, model,
        try StoredJSON.text(body), key,
      ])
    var positions = try StagePositions(run: key, in: database)
    for stage in run.stages {
      let position = try positions.position(of: stage.name, in: database)
      try database.cachedStatement(sql: "UPDATE stages SET result = ? WHERE run = ? AND position = ?")
        .execute(arguments: [try StoredJSON.text(stage), key, position])
    }
    for tag in run.tags {
      try database.execute(sql: "INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)", arguments: [key, tag])
    }
  }

  /// Stores a document once, however many runs refer to it.
  private func document(_ value: (some Encodable)?, _ kind: String, in database: Database) throws -> Int64? {
    guard let value else { return nil }
    let text = try StoredJSON.text(value)
    // FNV-1a: only a way to find the candidates, equality is of the text.
    let digest = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    let known = try Int64.fetchOne(
      database, sql: "SELECT id FROM documents WHERE digest = ? AND kind = ? AND json = ?",
      arguments: [Int64(bitPattern: digest), kind, text])
    if let known { return known }
    try database.execute(
      sql: "INSERT INTO documents (kind, digest, json) VALUES (?, ?, ?)",
      arguments: [kind, Int64(bitPattern: digest), text])
    return database.lastInsertedRowID
  }

  private func insert(_ requests: [RequestRecord], into database: Database, run: Int64) throws {
    let first = try Int.fetchOne(database, sql: "SELECT requestCount FROM runs WHERE key = ?", arguments: [run]) ?? 0
    var writer = try RequestWriter(database)
    var positions = try StagePositions(run: run, in: database)
    for (offset, request) in requests.enumerated() {
      let stage = try positions.position(of: request.stage, in: database)
      try writer.insert(request, run: run, sequence: first + offset, stage: stage)
    }
    try database.execute(
      sql: "UPDATE runs SET requestCount = requestCount + ? WHERE key = ?", arguments: [requests.count, run])
  }

  private func insert(_ samples: [TelemetrySample], into database: Database, run: Int64) throws {
    guard !samples.isEmpty else { return }
    let next = try Int.fetchOne(database, sql: "SELECT count(*) FROM telemetry WHERE run = ?", arguments: [run]) ?? 0
    try database.execute(
      sql: "INSERT INTO telemetry (run, sequence, samples) VALUES (?, ?, ?)",
      arguments: [run, next, try StoredJSON.text(samples)])
  }
}

/// The places of a run's stages in its table, read once for a whole change: a run may have many.
private struct StagePositions {
  private let run: Int64
  private var known: [String: Int] = [:]
  private var next = 0

  init(run: Int64, in database: Database) throws {
    self.run = run
    let rows = try Row.fetchCursor(
      database, sql: "SELECT name, position FROM stages WHERE run = ?", arguments: [run])
    while let row = try rows.next() {
      let position: Int = row[1]
      known[row[0]] = position
      next = max(next, position + 1)
    }
  }

  /// Returns the place of a stage, and gives it one where it has none.
  mutating func position(of stage: String, in database: Database) throws -> Int {
    if let place = known[stage] { return place }
    try database.cachedStatement(sql: "INSERT INTO stages (run, position, name) VALUES (?, ?, ?)")
      .execute(arguments: [run, next, stage])
    known[stage] = next
    next += 1
    return next - 1
  }
}
