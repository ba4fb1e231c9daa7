import Foundation
import Testing

/// Compares text with a kept file; with PLIMSOLL_RECORD=1 in the environment the file is written instead.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")
  let file = folder.appending(path: name)
  if ProcessInfo.processInfo.environment["PLIMSOLL_RECORD"] == "1" {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return
  }
  let kept = try String(contentsOf: file, encoding: .utf8)
  guard kept != text else { return }
  let lines = zip(kept.split(separator: "\n"), text.split(separator: "\n")).first { $0 != $1 }
  Issue.record(
    "\(name) differs, first at:\n- \(lines?.0 ?? "")\n+ \(lines?.1 ?? "")", sourceLocation: sourceLocation)
}
