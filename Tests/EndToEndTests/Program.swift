import Foundation
import Platform

/// The built program, run as a user runs it, with folders of its own.
struct Program {
  struct Outcome {
    var exitCode: Int32
    var output: String
    var errors: String
  }

  static let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  static let path = "\(checkout)/.build/debug/plimsoll"
  static let isBuilt = FileManager.default.isExecutableFile(atPath: path)

  /// The folder that everything of this test goes to; removed by `remove`.
  let home: String
  /// Beside the program's own folder, which a test may fill or take away.
  private let logs: String

  init() throws {
    home = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    logs = home + ".said"
    for path in [home, logs] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  func remove() { for path in [home, logs] { try? FileManager.default.removeItem(atPath: path) } }

  /// The program while it runs. What it writes goes to files: a pipe ends only when everybody who holds it is gone.
  struct Running {
    let process: Process
    let outputPath: String
    let errorPath: String

    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    /// Waits until it has said the words on standard error; false where it ended or was silent too long.
    func says(_ words: String, within seconds: Double = 60) -> Bool {
      let end = Date(timeIntervalSinceNow: seconds)
      while Date() < end {
        if errors.contains(words) { return true }
        guard process.isRunning else { return errors.contains(words) }
        usleep(10_000)
      }
      return false
    }

    /// Waits for the end.
    func finish() -> Outcome {
      while process.isRunning { usleep(5_000) }
      return Outcome(exitCode: process.terminationStatus, output: output, errors: errors)
    }
  }

  /// Starts the program without waiting.
  func start(
    _ arguments: [String], environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> Running {
    let process = Process()
    let words = wrapper + [Self.path] + arguments
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: home)
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PLIMSOLL_HOME": home, "NO_COLOR": "1"]) { $1 }.merging(environment) { $1 }
    let name = UUID().uuidString
    let paths = ["\(logs)/\(name).out", "\(logs)/\(name).err"]
    for path in paths { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[0]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[1]))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return Running(process: process, outputPath: paths[0], errorPath: paths[1])
  }

  /// Runs the program to its end.
  func run(
    _ arguments: [String], environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> Outcome {
    try start(arguments, environment: environment, through: wrapper).finish()
  }
}

/// The engine and models that `scripts/test-engine` installed into the user's data folder.
enum InstalledDemo {
  static let folders = DataFolders(environment: ProcessInfo.processInfo.environment)
  static let smolLM2 = "\(folders.models)/SmolLM2-135M-Instruct.Q4_1.gguf"
  static let isThere =
    FileManager.default.fileExists(atPath: smolLM2) && FileManager.default.fileExists(atPath: folders.engines)
    && Program.isBuilt
}
