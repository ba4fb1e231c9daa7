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

  /// A link that leads to another link is as safe as the least safe folder on the way.
  @Test func everyStepOfLinksCounts() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make("\(folder)/own", mode: 0o755)
    try make("\(folder)/safe", mode: 0o755)
    try make("\(folder)/open", mode: 0o755)
    try Data().write(to: URL(fileURLWithPath: "\(folder)/own/server"))
    let files = FileManager.default
    try files.createSymbolicLink(atPath: "\(folder)/open/middle", withDestinationPath: "../own")
    try files.createSymbolicLink(atPath: "\(folder)/safe/first", withDestinationPath: "\(folder)/open/middle")
    #expect(PathTrust.doubt(about: "\(folder)/safe/first/server") == nil)
    #expect(PathTrust.doubt(about: "\(folder)/safe/./../safe/first/server") == nil)
    // Neither the name nor the real path lies in it.
    try make("\(folder)/open", mode: 0o777)
    #expect(PathTrust.doubt(about: "\(folder)/safe/first/server")?.contains("open") == true)
    try files.createSymbolicLink(atPath: "\(folder)/safe/round", withDestinationPath: "round")
    #expect(PathTrust.doubt(about: "\(folder)/safe/round") != nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a link away"))
  func anotherUsersLinkInASharedFolderIsDoubted() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make("\(folder)/own", mode: 0o755)
    try make("\(folder)/shared", mode: 0o1777)
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/shared/link", withDestinationPath: "../own")
    #expect(PathTrust.doubt(about: "\(folder)/shared/link") == nil)
    lchown("\(folder)/shared/link", 12345, 12345)
    #expect(PathTrust.doubt(about: "\(folder)/shared/link")?.contains("another user") == true)
    // Where nobody else may write, its owner cannot lead it elsewhere.
    try make("\(folder)/shared", mode: 0o755)
    #expect(PathTrust.doubt(about: "\(folder)/shared/link") == nil)
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
