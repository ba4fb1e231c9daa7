import GRDB
import Platform

/// The database of runs, shared by every process of this user.
///
/// A run is begun, its requests are appended while they arrive, and it is finished; each call is a transaction of its
/// own, so that a killed process leaves what it had measured. Readers never wait for writers.
public struct RunStore: Sendable {
  /// The database file.
  public let path: String
  let pool: any DatabaseWriter
  /// True where nothing can be written, so that what is stored is only read.
  public let isReadOnly: Bool
  let clock: MonotonicClock

  /// Opens the database and makes it where there is none, readable by this user alone.
  ///
  /// - Parameter waitSeconds: how long a write waits for another process.
  /// - Throws: `RecordError`; a file that is not ours is not touched.
  public init(path: String, waitSeconds: Double = 20) throws(RecordError) {
    self.path = path
    clock = MonotonicClock()
    do {
      try Self.makeFile(path)
      var configuration = Configuration()
      configuration.busyMode = .timeout(waitSeconds)
      configuration.maximumReaderCount = 4
      pool = try Self.openPool(path, configuration, until: MonotonicClock().now() + Int64(waitSeconds * 1e9))
      isReadOnly = false
    } catch {
      throw RecordError(error, path: path)
    }
  }

  /// Makes an empty file of mode 0600 where there is none; SQLite gives its side files the same mode.
  private static func makeFile(_ path: String) throws {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let folder = String(path[..<slash])
      do { try DataFolders.make(folder) } catch { throw RecordError.notWritable(path: folder, cause: "\(error)") }
    }
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 || errno == EEXIST else {
      throw RecordError.notWritable(path: path, cause: String(cString: strerror(errno)))
    }
    if file >= 0 { close(file) }
  }

  /// Opens and migrates; tried again while another process does the same to a new file.
  private static func openPool(
    _ path: String, _ configuration: Configuration, until deadline: Int64
  ) throws -> DatabasePool {
    while true {
      do {
        try claim(path, configuration)
        let pool = try DatabasePool(path: path, configuration: configuration)
        let migrator = Schema.migrator
        let (isCurrent, isNewer) = try pool.read { database in
          (try migrator.hasCompletedMigrations(database), try migrator.hasBeenSuperseded(database))
        }
        guard !isNewer else { throw RecordError.newerSchema(path: path) }
        if !isCurrent { try migrator.migrate(pool) }
        return pool
      } catch let error as DatabaseError where isRace(error) && MonotonicClock().now() < deadline {
        usleep(20_000)
      }
    }
  }

  /// True for what a second process sees while a first one makes the file.
  private static func isRace(_ error: DatabaseError) -> Bool {
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CONSTRAINT, .SQLITE_SCHEMA: true
    case .SQLITE_ERROR: ["already exists", "duplicate column"].contains { error.message?.contains($0) ?? false }
    default: false
    }
  }

  /// Checks by the application's number that the database is ours, before anything is changed in it.
  private static func claim(_ path: String, _ configuration: Configuration) throws {
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    try queue.inDatabase { database in
      let number = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      guard number != Schema.applicationID else { return }
      try database.inTransaction(.immediate) {
        let number = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if number == Schema.applicationID { return .commit }
        guard number == 0, tables == 0 else { throw RecordError.notOurs(path: path) }
        try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        return .commit
      }
    }
  }

  /// Returns the columns of requests that this version knows and the database has: one that could not be migrated lacks
  /// the newest.
  static func columnsOfRequests(in database: Database) throws -> Set<String> {
    Set(try database.columns(in: "requests").map(\.name))
  }

  func writing<Value>(_ change: (Database) throws -> Value) throws(RecordError) -> Value {
    do { return try pool.write(change) } catch { throw RecordError(error, path: path) }
  }

  func reading<Value>(_ query: (Database) throws -> Value) throws(RecordError) -> Value {
    do { return try pool.read(query) } catch { throw RecordError(error, path: path) }
  }
}
