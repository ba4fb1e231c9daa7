import GRDB

extension RunStore {
  /// Adds and removes tags of a run.
  public func tag(_ words: String, adding: [String], removing: [String] = []) throws(RecordError) {
    let id = try identifier(words)
    try writing { database in
      for tag in adding {
        try database.execute(
          sql: "INSERT OR IGNORE INTO tags (run, tag) SELECT key, ? FROM runs WHERE id = ?", arguments: [tag, id])
      }
      for tag in removing {
        try database.execute(
          sql: "DELETE FROM tags WHERE tag = ? AND run = (SELECT key FROM runs WHERE id = ?)", arguments: [tag, id])
      }
    }
  }

  /// Sets the note of a run; nil takes it away.
  public func note(_ words: String, _ note: String?) throws(RecordError) {
    let id = try identifier(words)
    try writing { database in
      try database.execute(sql: "UPDATE runs SET note = ? WHERE id = ?", arguments: [note, id])
    }
  }

  /// Deletes a run with its requests and samples, and the documents that nothing else refers to.
  ///
  /// - Throws: `RecordError.stillRunning` while its process measures it, unless `force` is set.
  public func delete(_ words: String, force: Bool = false) throws(RecordError) {
    let id = try identifier(words)
    try writing { database in
      let owner = try Row.fetchOne(
        database, sql: "SELECT status, ownerProcess, ownerStart, ownerHost FROM runs WHERE id = ?", arguments: [id])
      if let owner, !force, RunOwner(owner).resolved(Run.Status(rawValue: owner["status"]) ?? .failed) == .running {
        throw RecordError.stillRunning(id)
      }
      try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id])
      try database.execute(
        sql: """
          DELETE FROM documents WHERE id NOT IN (
            SELECT machine FROM runs WHERE machine IS NOT NULL UNION
            SELECT plan FROM runs WHERE plan IS NOT NULL UNION
            SELECT model FROM runs WHERE model IS NOT NULL)
          """)
    }
  }
}
