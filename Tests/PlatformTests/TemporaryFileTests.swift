import Foundation
import Testing

@testable import Platform

@Suite struct TemporaryFileTests {
  /// A process killed in the middle of a write leaves its file, which may hold a key; those of living ones are in use, and
  /// of those of other machines nobody here can tell.
  @Test func filesOfProcessesThatAreGoneAreRemoved() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-\(UUID().uuidString)"
    try DataFolders.make(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let mark = ProcessSpace.mark
    #expect(mark.count == 8 && mark.allSatisfy { $0.isHexDigit })
    // No process has so high a number.
    let gone = Int32.max
    let other = mark == "00000000" ? "00000001" : "00000000"
    let names = [
      "a.json.\(gone)-\(mark)-123.tmp", "a.key.\(gone)-\(mark)-4294967295.tmp", "a.json.\(getpid())-\(mark)-123.tmp",
      "a.json.\(gone)-\(other)-123.tmp", "notes.tmp", "b.\(gone).tmp", "c.\(gone)-\(mark)-x.tmp", "d.json",
      "e.0-\(mark)-1.tmp", "f.-5-\(mark)-1.tmp", "g.\(gone)-123.tmp",
    ]
    for name in names { _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data()) }
    removeAbandonedTemporaries(in: folder)
    #expect(Set(DiskTree().list(folder)) == Set(names.dropFirst(2)))
    // The files that are really written are of that form.
    let own = temporaryPath(beside: "\(folder)/h").split(separator: ".").dropLast().last?.split(separator: "-")
    #expect(own?.count == 3 && own?.first == "\(getpid())")
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
