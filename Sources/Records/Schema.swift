import GRDB

/// The tables, as named steps; a step is never edited once released, a change is a new step.
enum Schema {
  /// `Plms`: what `PRAGMA application_id` holds in a database of ours.
  static let applicationID: Int32 = 0x506C_6D73

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs, stages, requests, telemetry and documents", migrate: createRuns)
    migrator.registerMigration("2 turns, times of the server, and noise", migrate: addTurnsAndNoise)
    migrator.registerMigration("3 tokens that were not streamed, and the load of a run's figures") { database in
      try database.execute(
        sql: """
          ALTER TABLE requests ADD COLUMN hiddenTokens INTEGER;
          ALTER TABLE runs ADD COLUMN load TEXT;
          """)
    }
    migrator.registerMigration("4 jobs of the server", migrate: createJobs)
    return migrator
  }

  /// Columns of `runs` are what lists and filters need; all else is in `body` as JSON, so that a value may gain
  /// fields without a migration. Times of requests are columns, because comparisons read millions of them.
  @Sendable private static func createRuns(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE documents (
          id INTEGER PRIMARY KEY, kind TEXT NOT NULL, digest INTEGER NOT NULL, json TEXT NOT NULL);
        CREATE INDEX documentsByDigest ON documents (digest);
        CREATE TABLE runs (
          key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, startedAt REAL NOT NULL, finishedAt REAL,
          status TEXT NOT NULL, origin TEXT NOT NULL, target TEXT NOT NULL,
          machineName TEXT, modelName TEXT, quantization TEXT, engine TEXT, engineBuild TEXT,
          outputTokensPerSecond REAL, timeToFirstToken REAL, timePerOutputToken REAL,
          completed INTEGER NOT NULL, errors INTEGER NOT NULL, isValid INTEGER NOT NULL,
          requestCount INTEGER NOT NULL DEFAULT 0, note TEXT,
          ownerProcess INTEGER, ownerStart INTEGER, ownerHost TEXT,
          machine INTEGER REFERENCES documents (id), plan INTEGER REFERENCES documents (id),
          model INTEGER REFERENCES documents (id), body TEXT NOT NULL);
        CREATE INDEX runsByStart ON runs (startedAt);
        CREATE TABLE tags (
          run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE, tag TEXT NOT NULL,
          PRIMARY KEY (run, tag)) WITHOUT ROWID;
        CREATE TABLE stages (
          run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE, position INTEGER NOT NULL,
          name TEXT NOT NULL, result TEXT, PRIMARY KEY (run, position)) WITHOUT ROWID;
        CREATE TABLE requests (
          run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE, sequence INTEGER NOT NULL,
          number INTEGER NOT NULL, stage INTEGER NOT NULL, outcome TEXT NOT NULL,
          scheduled INTEGER NOT NULL, sent INTEGER, firstToken INTEGER, firstOutput INTEGER,
          lastToken INTEGER, closed INTEGER, inputTokens INTEGER, outputTokens INTEGER, cachedTokens INTEGER,
          requestedOutputTokens INTEGER, status INTEGER, error TEXT, finishReason TEXT,
          chunkTimes BLOB, chunkTokens BLOB, PRIMARY KEY (run, sequence)) WITHOUT ROWID;
        CREATE TABLE telemetry (
          run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE, sequence INTEGER NOT NULL,
          samples TEXT NOT NULL, PRIMARY KEY (run, sequence)) WITHOUT ROWID;
        """)
  }

  @Sendable private static func addTurnsAndNoise(_ database: Database) throws {
    try database.execute(
      sql: """
        ALTER TABLE requests ADD COLUMN turn INTEGER;
        ALTER TABLE requests ADD COLUMN serverTimings TEXT;
        CREATE TABLE noise (
          machine TEXT NOT NULL, quantity TEXT NOT NULL, design TEXT NOT NULL, first TEXT NOT NULL,
          second TEXT NOT NULL, ratio REAL NOT NULL, measuredAt REAL NOT NULL,
          PRIMARY KEY (machine, quantity, design, first, second)) WITHOUT ROWID;
        """)
  }

  /// Work that the server does for somebody; what it was asked and what came of it are JSON of its own.
  @Sendable private static func createJobs(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE jobs (
          id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, startedAt REAL NOT NULL,
          finishedAt REAL, ownerProcess INTEGER, ownerStart INTEGER, ownerHost TEXT, body TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX jobsByStart ON jobs (startedAt);
        """)
  }
}
