import Fixtures
import Foundation
import Platform
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The main job with the real llama.cpp server and the real SmolLM2 file.
@Suite(
  .serialized,
  .enabled(if: InstalledDemo.isThere, "the demo's engine and models are not installed: scripts/test-engine"))
struct MainJobTests {
  private let short = ["--concurrency", "1,2", "--requests", "2", "--input-tokens", "16", "--output-tokens", "8"]

  @Test func runGoesFromAModelToAReport() throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let outcome = try program.run(["run", InstalledDemo.smolLM2] + short)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let reports = try FileManager.default.contentsOfDirectory(atPath: "\(program.home)/reports")
    for ending in ["md", "html", "json"] { #expect(reports.contains { $0.hasSuffix(ending) }) }
    #expect(try program.deployments().isEmpty)
    let runs = try program.run(["runs", "list", "--json"])
    #expect(runs.exitCode == 0)
    #expect(runs.output.contains("complete"))
  }

  @Test(
    .disabled("the harness hangs on the pipe after the signal; checked by hand: exit 130, run incomplete, no server"),
    arguments: [SIGINT, SIGTERM])
  func aSignalKeepsWhatWasMeasuredAndStopsTheServer(signal: Int32) throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let long = ["--concurrency", "1", "--requests", "500", "--input-tokens", "16", "--output-tokens", "16"]
    let (process, _, errors) = try program.start(["run", InstalledDemo.smolLM2] + long)
    let said = errors.fileHandleForReading
    var text = ""
    // The server has answered; some requests later the benchmark is under way.
    while !text.contains("answered a token"), process.isRunning {
      text += String(decoding: said.availableData, as: UTF8.self)
    }
    usleep(1_500_000)
    kill(process.processIdentifier, signal)
    text += String(decoding: said.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130, "\(text)")
    #expect(try program.deployments().isEmpty)
    let runs = try program.run(["runs", "list", "--json"])
    #expect(runs.output.contains("incomplete"), "\(runs.output)\(runs.errors)")
  }

  @Test(.disabled("the harness hangs on the pipe of the orphan; checked by hand with ps and stop"))
  func aKilledRunLeavesAnOrphanThatStopEnds() throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let (process, _, errors) = try program.start(["run", InstalledDemo.smolLM2, "--requests", "500"])
    var text = ""
    while !text.contains("answered a token"), process.isRunning {
      text += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let names = try program.deployments()
    #expect(names.count == 1)
    for name in names { #expect(try program.run(["stop", name]).exitCode == 0) }
    #expect(try program.deployments().isEmpty)
    #expect(try program.run(["runs", "list", "--json"]).output.contains("incomplete"))
  }

  @Test func withoutAnEngineItSaysSo() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["run", InstalledDemo.smolLM2] + short, environment: ["PATH": "/usr/bin:/bin"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("engine"))
  }

  @Test func aMachineTooSmallIsThree() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["fit", InstalledDemo.smolLM2, "--on", "cpu, 20 MiB"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("insufficient-memory"))
  }
}

extension Program {
  /// A program with folders of its own that finds the engine which `scripts/test-engine` installed.
  static func withInstalledEngine() throws -> Program {
    let program = try Program()
    let data = "\(program.home)/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(data)/engines", withDestinationPath: InstalledDemo.folders.engines)
    return program
  }

  /// The names that `ps` shows.
  func deployments() throws -> [String] {
    let outcome = try run(["ps", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    return (object?["deployments"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
  }
}
