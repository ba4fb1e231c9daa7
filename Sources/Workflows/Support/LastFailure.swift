import Foundation
import Platform
public import Units

/// The latest command that failed, for a report to whoever is to help; no key is in it.
public struct LastFailure: Codable, Hashable, Sendable {
  /// Seconds since 1970.
  public var at: Double
  public var version: String
  public var command: [String]
  public var code: String
  public var message: String
  public var remedy: String?
  public var exitCode: Int32
}

extension Workspace {
  private var lastFailurePath: String { "\(folders.data)/last-failure.json" }

  /// Keeps why a command failed, readable by this user alone, where there is a folder of Plimsoll's data already.
  public func keepFailure(_ reason: Reason, exitCode: Int32, of words: [String]) {
    guard FileManager.default.fileExists(atPath: folders.data) else { return }
    let hide = Redaction(environment: environment)
    let failure = LastFailure(
      at: clock.wallSeconds(), version: ProgramVersion.current.description, command: hide(words: words),
      code: reason.code.rawValue, message: hide(reason.message), remedy: reason.remedy.map { hide($0) },
      exitCode: exitCode)
    guard let data = try? JSONEncoder().encode(failure) else { return }
    // A failure that cannot be kept is no second failure.
    try? writeAtomically(Array(data), to: lastFailurePath, mode: 0o600)
  }

  /// The latest command that failed; nil where none was kept.
  public func lastFailure() -> LastFailure? {
    FileManager.default.contents(atPath: lastFailurePath).flatMap {
      try? JSONDecoder().decode(LastFailure.self, from: $0)
    }
  }
}
