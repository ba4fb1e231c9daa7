import Benchmarking
import Fixtures
import GRDB
import Testing
import Units

@testable import Records

/// A database that cannot be written, as on a read-only file system or a full disk.
@Suite struct ReadOnlyTests {
  private let failure = Records.RecordError.notWritable(path: "p", cause: "read-only")

  /// The code of what a call throws; nil where it throws nothing.
  private static func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? any ExplainedError)?.reason.code.rawValue }
    return nil
  }

  @Test func whatIsStoredIsReadAndNothingIsWritten() throws {
    let folder = try TemporaryFolder()
    let archive = RunBuilder().archive()
    try RunStore(path: folder.database).add(archive, origin: .measured)
    let store = try RunStore(onlyReading: folder.database, after: failure)
    #expect(store.isReadOnly)
    #expect(try store.archive("last") == archive)
    #expect(try store.list().map(\.load) == [archive.run.summaryStage])
    #expect(try store.noiseFloor(of: "q", on: "m", design: .separate) == nil)
    #expect(Self.code { try store.note("last", "a note") } == "database-not-writable")
  }

  /// Columns of newer versions are unknown in a database that nobody may migrate.
  @Test func anOlderDatabaseIsReadAsItIs() throws {
    let folder = try TemporaryFolder()
    let archive = RunBuilder().archive()
    do {
      let store = try RunStore(path: folder.database)
      try store.add(archive, origin: .measured)
      try store.pool.write { database in
        try database.execute(
          sql: """
            ALTER TABLE requests DROP COLUMN hiddenTokens;
            ALTER TABLE runs DROP COLUMN load;
            DELETE FROM grdb_migrations WHERE identifier LIKE '3 %';
            """)
      }
      try store.pool.close()
    }
    let store = try RunStore(onlyReading: folder.database, after: failure)
    #expect(try store.archive("last") == archive)
    #expect(try store.list().map(\.load) == [nil])
  }

  @Test func nothingStoredIsAnEmptyStore() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(onlyReading: folder.database, after: failure)
    #expect(try store.list().isEmpty)
  }

  @Test func anotherProgramsFileIsNotRead() throws {
    let folder = try TemporaryFolder()
    let other = try DatabaseQueue(path: folder.database)
    try other.write { try $0.execute(sql: "CREATE TABLE a (b)") }
    try other.close()
    #expect(Self.code { _ = try RunStore(onlyReading: folder.database, after: failure) } == "database-not-ours")
  }
}
