import Foundation
import Testing

/// What `probe` says of the machine that the tests run on is what the system's own tools say of it.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct HostFactsTests {
  private struct Probed: Decodable {
    struct Count: Decodable { var value: Int }
    struct CPU: Decodable { var packages: Count?, cores: Count?, threads: Count? }
    struct Node: Decodable {}
    var cpu: CPU
    var numaNodes: [Node]
  }

  private func probed(_ arguments: [String] = []) throws -> Probed {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["probe", "--json"] + arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Probed.self, from: Data(outcome.output.utf8))
  }

  /// Writes what a tool of the system prints to a file; nil where there is no such tool.
  private func listing(_ tool: String, _ arguments: [String]) throws -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let paths = folders.map { "\($0)/\(tool)" }
    guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ["LC_ALL": "C"]
    process.standardOutput = FileHandle(forWritingAtPath: file)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? file : nil
  }

  @Test(arguments: [("lscpu", [String]()), ("lstopo-no-graphics", ["--of", "xml"])])
  func agreesWith(tool: String, arguments: [String]) throws {
    guard let file = try listing(tool, arguments) else { return }
    defer { try? FileManager.default.removeItem(atPath: file) }
    let own = try probed()
    let theirs = try probed(["--from", file])
    #expect(own.cpu.packages?.value == theirs.cpu.packages?.value)
    #expect(own.cpu.cores?.value == theirs.cpu.cores?.value)
    #expect(own.cpu.threads?.value == theirs.cpu.threads?.value)
    #expect(own.numaNodes.count == theirs.numaNodes.count)
  }
}
