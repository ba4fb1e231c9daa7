import Foundation
public import Platform
import Units
import Workflows

/// The server of a home while it runs, as this user's other commands find it.
public struct RunningServer: Hashable, Sendable, Codable {
  public var process: ProcessIdentity
  /// Where this machine reaches it.
  public var url: String
  /// What a program brings in its Authorization header.
  public var key: String
  /// True where the key was made for it; false for a key of the user's own file, which is not shown.
  public var isKeyMade: Bool
  public var hasPages: Bool
  /// True where it runs without a terminal.
  public var isDetached: Bool

  public init(
    process: ProcessIdentity, url: String, key: String, isKeyMade: Bool, hasPages: Bool, isDetached: Bool
  ) {
    self.process = process
    self.url = url
    self.key = key
    self.isKeyMade = isKeyMade
    self.hasPages = hasPages
    self.isDetached = isDetached
  }

  /// Reads who has the place now; nil where nobody has, or does not answer yet.
  public init?(in folders: DataFolders) {
    guard let bytes = ServerPlace.recordOfHolder(folders),
      let found = try? JSONDecoder().decode(Self.self, from: Data(bytes)), found.process.isRunning
    else { return nil }
    self = found
  }

  /// Asks it for a new address of its pages, which works once; the one before no longer does.
  ///
  /// - Throws: `Failure` where it gives none.
  public func newLink(over transport: any HTTPTransport) async throws -> String {
    let answer = try? await transport.send(
      HTTPRequest(
        "POST", url + API.path("link"), headers: ["Authorization": "Bearer \(key)"], timeout: .seconds(10),
        bodyLimit: 65_536))
    guard let answer, answer.status == 200,
      case .text(let link)? = (try? JSONDecoder().decode(JSON.self, from: Data(answer.body)))?["link"]
    else {
      throw Failure(
        .failed, .serverUnreachable, "the server at \(url) (process \(process.pid)) does not answer",
        remedy: "plimsoll serve --stop ends it")
    }
    return link
  }

  /// Ends it as Ctrl-C does, by force where it does not end in time; false where it still runs.
  public func end(in folders: DataFolders, patience: Duration = .seconds(30)) async -> Bool {
    for (signal, patience) in [(SIGTERM, patience), (SIGKILL, .seconds(3))] {
      guard process.isRunning else { return true }
      kill(process.pid, signal)
      let end = ContinuousClock.now + patience
      while ContinuousClock.now < end {
        if !ServerPlace.isHeld(folders) { return true }
        do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
      }
    }
    return !ServerPlace.isHeld(folders)
  }
}
