import Foundation

/// The header-only models of the reference data, unpacked once for a test run.
public enum SharedModels {
  /// A folder with `NAME.gguf` and `NAME/config.json`; nil where the reference data or `tar` are absent.
  public static let folder: String? = unpack()

  private static func unpack() -> String? {
    guard let root = SharedData.root else { return nil }
    let archive = "\(root)/truth/headers.tar.xz"
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-headers-\(UInt32.random(in: 0...UInt32.max))"
    guard FileManager.default.fileExists(atPath: archive) else { return nil }
    return run(["tar", "-xJf", archive], in: folder) ? grown(folder) : nil
  }

  /// Grows each file to its true size with a hole.
  private static func grown(_ folder: String) -> String? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/sizes.json")),
      let sizes = try? JSONDecoder().decode([String: Int].self, from: data)
    else { return nil }
    for (name, size) in sizes { grow("\(folder)/\(name)", to: size) }
    return folder
  }

  private static func run(_ words: [String], in folder: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil,
      (try? process.run()) != nil
    else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

/// Grows a file with a hole, so that it looks its full size and takes no space.
func grow(_ path: String, to size: Int) {
  guard let handle = FileHandle(forWritingAtPath: path) else { return }
  try? handle.truncate(atOffset: UInt64(size))
  try? handle.close()
}
