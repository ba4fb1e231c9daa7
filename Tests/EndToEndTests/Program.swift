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

  init() throws {
    home = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: home) }

  /// Starts the program without waiting.
  func start(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (process: Process, output: Pipe, errors: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: home)
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PLIMSOLL_HOME": home, "NO_COLOR": "1"]) { $1 }.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output, errors)
  }

  /// Runs the program to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let (process, output, errors) = try start(arguments, environment: environment)
    // Both pipes are drained at once, or a full one would stop the program.
    let reader = PipeReader(errors)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(exitCode: process.terminationStatus, output: text, errors: reader.text())
  }
}

/// Reads a pipe to its end on a thread of its own.
private final class PipeReader: @unchecked Sendable {
  // Written by the thread before it signals, read after the wait: never both at once.
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ pipe: Pipe) {
    Thread.detachNewThread { [self] in
      data = pipe.fileHandleForReading.readDataToEndOfFile()
      done.signal()
    }
  }

  func text() -> String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
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
