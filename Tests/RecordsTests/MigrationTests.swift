import Benchmarking
import Fixtures
import GRDB
import Testing
import Units

@testable import Records

@Suite struct MigrationTests {
  @Test func aDatabaseOfTheFirstSchemaMigratesAndKeepsItsRuns() throws {
    let folder = try TemporaryFolder()
    let archive = RunBuilder().archive()
    do {
      let store = try RunStore(path: folder.database)
      try store.add(archive, origin: .measured)
      // What the first release left behind: the tables without what the second step adds.
      try store.pool.write { database in
        try database.execute(
          sql: """
            DROP TABLE noise;
            DROP TABLE jobs;
            ALTER TABLE requests DROP COLUMN turn;
            ALTER TABLE requests DROP COLUMN serverTimings;
            ALTER TABLE requests DROP COLUMN hiddenTokens;
            ALTER TABLE runs DROP COLUMN load;
            DELETE FROM grdb_migrations WHERE identifier NOT LIKE '1 %';
            """)
      }
      try store.pool.close()
    }
    let migrated = try RunStore(path: folder.database)
    #expect(try migrated.archive("last") == archive)
    #expect(try migrated.noiseFloor(of: "q", on: "m", design: .separate) == nil)
  }

  @Test func theNamesOfReleasedStepsNeverChange() {
    #expect(
      Schema.migrator.migrations == [
        "1 runs, stages, requests, telemetry and documents", "2 turns, times of the server, and noise",
        "3 tokens that were not streamed, and the load of a run's figures", "4 jobs of the server",
      ])
  }

  @Test func noiseIsRememberedForEachMachineAndDesign() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    for (number, ratio) in [1.01, 0.97, 1.02].enumerated() {
      try store.rememberNoise(ratio, of: "q", on: "m", design: .separate, between: "a", and: "b\(number)")
      // The same pair the other way round is the same measurement.
      try store.rememberNoise(ratio, of: "q", on: "m", design: .separate, between: "b\(number)", and: "a")
    }
    let floor = try #require(try store.noiseFloor(of: "q", on: "m", design: .separate))
    #expect(abs(floor.share - (1 / 0.97 - 1)) < 1e-9)
    #expect(floor.source.detail.hasPrefix("3 comparisons"))
    #expect(try store.noiseFloor(of: "q", on: "other", design: .separate) == nil)
    #expect(try store.noiseFloor(of: "q", on: "m", design: .interleaved) == nil)
  }
}
