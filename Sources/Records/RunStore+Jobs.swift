import GRDB
import Platform

extension RunStore {
  /// Keeps a job as it is now, as this process's.
  public func keep(_ job: Job) throws(RecordError) {
    let owner = ProcessIdentity.current
    try writing { database in
      let body = try StoredJSON.text(job)
      try database.execute(
        sql: """
          INSERT INTO jobs (id, kind, subject, state, startedAt, finishedAt, ownerProcess, ownerStart, ownerHost, body)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET state = excluded.state, finishedAt = excluded.finishedAt, body = excluded.body
          """,
        arguments: [
          job.id, job.kind, job.subject, job.state.rawValue, job.startedAt, job.finishedAt, owner?.pid,
          owner.map { Int64(bitPattern: $0.startTicks) }, hostName(), body,
        ])
    }
  }

  /// The latest jobs, the last first; one whose process has gone is interrupted.
  public func jobs(limit: Int) throws(RecordError) -> [Job] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM jobs ORDER BY startedAt DESC, id DESC LIMIT ?", arguments: [max(0, limit)]
      ).compactMap(Self.job)
    }
  }

  /// The job of an identifier; nil where there is none.
  public func job(_ id: String) throws(RecordError) -> Job? {
    try reading { database in
      try Row.fetchOne(database, sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id]).flatMap(Self.job)
    }
  }

  private static func job(_ row: Row) -> Job? {
    let body: String = row["body"]
    guard var job = try? StoredJSON.value(Job.self, from: body) else { return nil }
    if job.state == .running, RunOwner(row).resolved(.running) != .running { job.state = .interrupted }
    return job
  }
}
