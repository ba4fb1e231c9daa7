import Foundation
import Testing

@testable import Platform

/// Where things are kept, and whether what lies there may be started.
@Suite struct PathTrustTests {
  private let folder = NSTemporaryDirectory() + "plimsoll-trust-\(UUID().uuidString)"

  private func make(_ path: String, mode: Int) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test func aFolderThatEverybodyMayWriteToIsDoubted() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make("\(folder)/own/bin", mode: 0o755)
    try Data().write(to: URL(fileURLWithPath: "\(folder)/own/bin/server"))
    #expect(PathTrust.doubt(about: "\(folder)/own/bin/server") == nil)
    try make("\(folder)/own/bin", mode: 0o777)
    #expect(PathTrust.doubt(about: "\(folder)/own/bin/server")?.contains("everybody") == true)
    // A sticky one is safe above a folder of one's own, and not as the place itself.
    try make("\(folder)/own/bin", mode: 0o1777)
    #expect(PathTrust.doubt(about: "\(folder)/own/bin/server") == nil)
    #expect(PathTrust.doubt(about: "\(folder)/own/bin") != nil)
    try make("\(folder)/own", mode: 0o777)
    #expect(PathTrust.doubt(about: "\(folder)/own/bin/server") != nil)
    // What a link leads to counts, and the way to the link too.
    try make("\(folder)/safe", mode: 0o755)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/safe/server", withDestinationPath: "\(folder)/own/bin/server")
    #expect(PathTrust.doubt(about: "\(folder)/safe/server") != nil)
    #expect(PathTrust.doubt(about: "bin/server") != nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func anotherUsersFolderIsDoubted() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make("\(folder)/theirs", mode: 0o755)
    try Data().write(to: URL(fileURLWithPath: "\(folder)/theirs/server"))
    chown("\(folder)/theirs", 12345, 12345)
    #expect(PathTrust.doubt(about: "\(folder)/theirs/server")?.contains("another user") == true)
  }

  @Test func withoutAHomeTheUserDatabaseIsAsked() {
    func data(_ environment: [String: String], home: String? = "/home/u") -> String {
      DataFolders(environment: environment, systemHome: { home }).data
    }
    #expect(data([:]).hasPrefix("/home/u/"))
    #expect(data(["HOME": ""]).hasPrefix("/home/u/"))
    #expect(data(["HOME": "relative"]).hasPrefix("/home/u/"))
    #expect(data(["HOME": "/h", "XDG_DATA_HOME": "here", "PLIMSOLL_HOME": "../there"]).hasPrefix("/h/"))
    #expect(data(["PLIMSOLL_HOME": "/p"]) == "/p/data")
    #expect(!data([:], home: nil).hasPrefix("/tmp"))
  }
}
