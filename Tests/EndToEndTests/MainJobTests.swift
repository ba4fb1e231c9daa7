import Engines
import Fixtures
import Foundation
import Planning
import Platform
import Testing
import Units

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
    expectVerdict(of: outcome)
    let reports = try FileManager.default.contentsOfDirectory(atPath: "\(program.home)/reports")
    for ending in ["md", "html", "json"] { #expect(reports.contains { $0.hasSuffix(ending) }) }
    #expect(try program.deployments().isEmpty)
    let runs = try program.run(["runs", "list", "--json"])
    #expect(runs.exitCode == 0)
    #expect(runs.output.contains("complete"))
  }

  /// The exit code says what the screen says. On a machine that is so busy that the client itself is late, figures are not
  /// valid, and nothing else makes them so.
  private func expectVerdict(of outcome: Program.Outcome) {
    guard outcome.output.contains("The figures are not valid.") else {
      #expect(outcome.output.contains("The figures are valid."))
      return #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    #expect(outcome.exitCode == 6)
    #expect(["client-late", "client-stalled"].contains { outcome.errors.contains("[\($0)]") }, "\(outcome.errors)")
  }

  /// A server that is to stay says how it is reached, and is stopped like any deployment.
  @Test func aServerThatIsKeptSaysHowItIsReached() throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let outcome = try program.run(["run", InstalledDemo.smolLM2, "--keep"] + short)
    expectVerdict(of: outcome)
    let names = try program.deployments()
    #expect(names.count == 1)
    for words in ["answers at http://127.0.0.1:", "curl ", "plimsoll chat ", "OPENAI_BASE_URL", "plimsoll stop "] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    #expect(try !program.run(["ps"]).output.contains("orphan"))
    for name in names { #expect(try program.run(["stop", name]).exitCode == 0) }
    #expect(program.servers().isEmpty)
  }

  /// Where a run is when the signal comes, by what it said last.
  static let stages = ["probe: ", "plan: ", "started ", "ready (", "concurrency 1: "]

  @Test(arguments: stages, [SIGINT, SIGTERM])
  func aSignalKeepsWhatWasMeasuredAndStopsTheServer(stage: String, signal: Int32) throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let running = try program.start(["run", InstalledDemo.smolLM2] + Self.long)
    #expect(running.says(stage), "\(running.errors)")
    kill(running.process.processIdentifier, signal)
    let outcome = running.finish()
    #expect(outcome.exitCode == 130, "\(outcome.errors)")
    #expect(try program.deployments().isEmpty)
    #expect(program.servers().isEmpty)
    try expectReadableRuns(program, hasRun: stage == Self.stages[4])
    // What was measured until then is shown.
    if stage == Self.stages[4] {
      #expect(outcome.output.contains("concurrency 1"), "\(outcome.output)")
      #expect(outcome.output.contains("[interrupted]"), "\(outcome.output)")
    }
  }

  @Test(arguments: stages) func aKilledRunLeavesAnOrphanThatStopEnds(stage: String) throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let running = try program.start(["run", InstalledDemo.smolLM2] + Self.long)
    #expect(running.says(stage), "\(running.errors)")
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.finish()
    let names = try program.deployments()
    if Self.stages.firstIndex(of: stage) ?? 0 >= 2 {
      #expect(names.count == 1)
      #expect(try program.run(["ps"]).output.contains("orphan"))
    }
    for name in names { #expect(try program.run(["stop", name]).exitCode == 0) }
    #expect(try program.deployments().isEmpty)
    #expect(program.servers().isEmpty)
    try expectReadableRuns(program, hasRun: stage == Self.stages[4])
  }

  /// Many short requests: a run that is still measuring whenever the signal comes.
  private static let long = ["--concurrency", "1,2", "--requests", "6", "--input-tokens", "8", "--output-tokens", "4"]

  private func expectReadableRuns(_ program: Program, hasRun: Bool) throws {
    let runs = try program.run(["runs", "list", "--json"])
    #expect(runs.exitCode == 0, "\(runs.errors)")
    if hasRun { #expect(runs.output.contains("incomplete"), "\(runs.output)") }
  }

  /// The engine's own log is the judge of the plan's parts: its buffers are exact, to the hundredth of a MiB it prints.
  @Test func theEngineItselfIsAsked() throws {
    let program = try Program.withInstalledEngine()
    defer { program.remove() }
    let outcome = try program.run(
      ["plan", InstalledDemo.smolLM2, "--context", "4096", "--concurrency", "2", "--ask-engine", "--json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try Schemas.named("plan").violations(in: outcome.output) == [])
    #expect(try program.deployments().isEmpty)
    let plan = try JSONDecoder().decode(Plan.self, from: Data(outcome.output.utf8))
    let option = try #require(plan.options.first { $0.engineMemory != nil })
    let asked = try #require(option.engineMemory)
    let parts = try #require(option.memory?.devices.first?.components.all)
    for (name, planned) in parts where ["KV cache", "compute", "output"].contains(name) {
      let found = try #require(asked.bytes(of: name)?.value)
      #expect(abs(found.bytes - planned.value.bytes) <= 1 << 14, "\(name): \(found), planned \(planned.value)")
    }
    let resident = try #require(asked.residentBytes).value
    let most = try #require(option.memory).highBytes
    #expect(resident <= most)
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
    // The bandwidth is measured once for all of these tests, not seconds for each.
    try FileManager.default.createDirectory(
      atPath: InstalledDemo.folders.cache, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(program.home)/cache", withDestinationPath: InstalledDemo.folders.cache)
    return program
  }

  /// Processes that a deployment of this program's folder started and that still run.
  func servers() -> [Int32] {
    let tree = DiskTree()
    let mark = "PLIMSOLL_DEPLOYMENT=\(home)/"
    return tree.list("/proc").compactMap { Int32($0) }.filter { pid in
      let environment = tree.read("/proc/\(pid)/environ", limit: 1 << 18) ?? []
      return environment.split(separator: 0).contains { String(decoding: $0, as: UTF8.self).hasPrefix(mark) }
    }
  }

  /// The names that `ps` shows.
  func deployments() throws -> [String] {
    let outcome = try run(["ps", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    return (object?["deployments"] as? [[String: Any]] ?? []).compactMap {
      ($0["deployment"] as? [String: Any])?["name"] as? String
    }
  }
}
