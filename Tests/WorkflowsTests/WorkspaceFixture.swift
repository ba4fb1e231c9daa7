import Foundation
import Platform
import Synchronization

@testable import Workflows

/// A workspace in an empty folder of its own, with everything it said.
final class WorkspaceFixture: Sendable {
  let folder: String
  let workspace: Workspace

  init(profiles: String? = nil, agrees: Bool = false) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let said = Box()
    workspace = Workspace(
      environment: ["PLIMSOLL_HOME": folder, "HOME": folder], profiles: profiles,
      audience: Audience(note: { said.add($0) }, confirm: { _ in agrees }))
    box = said
  }

  /// What the audience was told, in order.
  var notes: [String] { box.lines }

  private let box: Box

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Writes a file below the folder, and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }
}

/// Lines that are kept as they come.
private final class Box: Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }

  func add(_ line: String) { kept.withLock { $0.append(line) } }
}
