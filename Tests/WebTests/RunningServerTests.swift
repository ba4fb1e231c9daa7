import Foundation
import Platform
import Testing

@testable import Web

@Suite struct RunningServerTests {
  private func inFolders(_ test: (DataFolders) async throws -> Void) async throws {
    let home = try PrivateFolder.make()
    defer { try? FileManager.default.removeItem(atPath: home) }
    try await test(DataFolders(environment: ["PLIMSOLL_HOME": home]))
  }

  private func server(pid: Int32 = getpid(), startTicks: UInt64? = nil) throws -> RunningServer {
    var process = try #require(ProcessIdentity(running: pid))
    if let startTicks { process.startTicks = startTicks }
    return RunningServer(
      process: process, url: "http://127.0.0.1:1", key: "secret", isKeyMade: true, hasPages: true, isDetached: true)
  }

  @Test func thereIsOneServerForAHome() async throws {
    try await inFolders { folders in
      #expect(RunningServer(in: folders) == nil && !ServerPlace.isHeld(folders))
      var place = try await ServerPlace.taken(folders)
      #expect(place != nil && ServerPlace.isHeld(folders))
      // It has the place, and does not answer yet.
      #expect(RunningServer(in: folders) == nil)
      #expect(try await ServerPlace.taken(folders) == nil)
      try place?.record(try server())
      #expect(RunningServer(in: folders) == (try server()))
      place = nil
      #expect(RunningServer(in: folders) == nil && !ServerPlace.isHeld(folders))
      #expect(try await ServerPlace.taken(folders) != nil)
    }
  }

  @Test func whatAKilledServerLeftIsNotBelieved() async throws {
    try await inFolders { folders in
      let place = try await ServerPlace.taken(folders)
      // Its number belongs to another process now.
      try place?.record(try server(startTicks: 1))
      #expect(RunningServer(in: folders) == nil)
      try place?.record(try server())
      let path = "\(folders.data)/serve.json"
      let left = try Data(contentsOf: URL(fileURLWithPath: path))
      withExtendedLifetime(place) {}
      try FileManager.default.removeItem(atPath: path)
      try left.write(to: URL(fileURLWithPath: path))
      chmod(path, 0o600)
      #expect(RunningServer(in: folders) == nil)
    }
  }

  @Test func aRecordThatOthersMayReadOrThatIsALinkIsNotBelieved() async throws {
    try await inFolders { folders in
      let path = "\(folders.data)/serve.json"
      let place = try await ServerPlace.taken(folders)
      try place?.record(try server())
      var found = stat()
      #expect(stat(path, &found) == 0 && found.st_mode & 0o777 == 0o600)
      chmod(path, 0o640)
      #expect(RunningServer(in: folders) == nil)
      chmod(path, 0o600)
      #expect(RunningServer(in: folders) != nil)
      rename(path, path + ".other")
      symlink(path + ".other", path)
      #expect(RunningServer(in: folders) == nil)
      await #expect(throws: FileError.self) { try await ServerPlace.taken(folders) }
      withExtendedLifetime(place) {}
    }
  }

  @Test func aLogThatIsTooLongIsCut() throws {
    let folder = try PrivateFolder.make()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let descriptor = open("\(folder)/log", O_RDWR | O_CREAT | O_APPEND, 0o600)
    defer { close(descriptor) }
    write(descriptor, "0123456789", 10)
    DetachedLog.cut(descriptor, over: 10)
    #expect(fileSize("\(folder)/log") == 10)
    DetachedLog.cut(descriptor, over: 9)
    #expect(fileSize("\(folder)/log") == 0)
    // A pipe or a terminal is nothing to cut.
    DetachedLog.cut(-1, over: 0)
  }
}
