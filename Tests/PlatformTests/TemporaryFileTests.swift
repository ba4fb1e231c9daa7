import Foundation
import Platform
import Testing

@Suite struct TemporaryFileTests {
  /// A process killed in the middle of a write leaves its file, which may hold a key; those of living ones are in use.
  @Test func filesOfProcessesThatAreGoneAreRemoved() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-\(UUID().uuidString)"
    try DataFolders.make(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // No process has so high a number.
    let gone = Int32.max
    let names = [
      "a.json.\(gone)-123.tmp", "a.key.\(gone)-4294967295.tmp", "a.json.\(getpid())-123.tmp", "notes.tmp",
      "b.\(gone).tmp",
      "c.\(gone)-x.tmp", "d.json", "e.0-1.tmp", "f.-5-1.tmp",
    ]
    for name in names { _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data()) }
    removeAbandonedTemporaries(in: folder)
    #expect(Set(DiskTree().list(folder)) == Set(names.dropFirst(2)))
  }

  @Test func aWrittenFileLeavesNoOther() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-\(UUID().uuidString)"
    try DataFolders.make(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeAtomically(Array("a".utf8), to: "\(folder)/x")
    #expect(DiskTree().list(folder) == ["x"])
    #expect(temporaryPath(beside: "\(folder)/x").hasSuffix(".tmp"))
  }
}
