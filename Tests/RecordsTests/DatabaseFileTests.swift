import Benchmarking
import Fixtures
import Foundation
import GRDB
import Testing
import Units

@testable import Records

@Suite struct DatabaseFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func onlyTheUserMayRead() throws {
    let path = "\(folder.path)/deep/folder/plimsoll.sqlite"
    let store = try RunStore(path: path)
    try store.begin(Run(id: "one", startedAt: 1, target: "x"))
    for suffix in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
    }
  }

  @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
    let queue = try DatabaseQueue(path: folder.database)
    try queue.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
    try queue.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
    #expect(throws: RecordError.notOurs(path: folder.database)) { try RunStore(path: folder.database) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
  }

  @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
    let text = String(repeating: "dear diary, ", count: 100)
    try text.write(toFile: folder.database, atomically: true, encoding: .utf8)
    #expect(throws: RecordError.notOurs(path: folder.database)) { try RunStore(path: folder.database) }
    #expect(try String(contentsOfFile: folder.database, encoding: .utf8) == text)
  }

  @Test func aLaterSchemaIsRefused() throws {
    let store = try RunStore(path: folder.database)
    try store.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')") }
    #expect(throws: RecordError.newerSchema(path: folder.database)) { try RunStore(path: folder.database) }
  }

  @Test func aFullDiskSaysSoAndKeepsWhatWasThere() throws {
    let store = try RunStore(path: folder.database)
    let archive = RunBuilder().archive()
    try store.begin(archive.run)
    try store.append(Array(archive.requests.prefix(10)), to: archive.run.id)
    try store.pool.writeWithoutTransaction { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      try database.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
    }
    func fill() throws { try store.append(archive.requests, to: archive.run.id) }
    #expect(throws: RecordError.diskFull(path: folder.database)) { try fill() }
    #expect(try store.requests(of: archive.run.id).count == 10)
  }

  @Test func aDatabaseThatCannotBeWrittenSaysSo() throws {
    try FileManager.default.createDirectory(atPath: folder.database, withIntermediateDirectories: true)
    do {
      _ = try RunStore(path: folder.database)
      Issue.record("a folder was opened as a database")
    } catch {
      #expect(error.reason.code == "database-not-writable")
    }
  }

  @Test func severalStoresMakeTheFileAndWriteAtOnce() async throws {
    let path = folder.database
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<6 {
        group.addTask {
          let store = try RunStore(path: path)
          try store.begin(Run(id: "writer-\(writer)", startedAt: Double(writer), target: "x"))
          for batch in 0..<10 {
            let request = RequestRecord(index: batch, stage: "concurrency 1", scheduled: 0)
            try store.append([request, request], to: "writer-\(writer)")
          }
        }
      }
      try await group.waitForAll()
    }
    let listed = try RunStore(path: path).list()
    #expect(listed.count == 6)
    #expect(listed.allSatisfy { $0.requests == 20 })
  }
}
