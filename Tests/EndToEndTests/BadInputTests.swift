import Fixtures
import Foundation
import Testing

/// Bad input gets one clear sentence and the right exit code.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct BadInputTests {
  @Test func wrongUsageIsTwo() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["--bogus"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    ["--concurrency", "0"], ["--concurrency", "-5"], ["--threads", "0"], ["--batch", "0"], ["--kv-type", "foo"],
    ["--gpu-memory-utilization", "7"], ["--draft-acceptance", "0.5"], ["--context", "4096", "--input-tokens", "8000"],
    ["--input-tokens", "-1"], ["--tensor-split", "-1,2"], ["--kv-memory", "-4 GiB"], ["--gpu-layers", "-1"],
  ])
  func optionsOfAPlanAreReadStrictly(words: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["plan", "model.gguf"] + words)
    #expect(outcome.exitCode == 2, "\(outcome.errors)")
    #expect(outcome.errors.contains("[wrong-usage]") && !outcome.errors.contains("Missing value"))
  }

  /// The name of a host may be in any script, whatever the shell's locale: it is looked up, and not refused.
  @Test func aHostInAnotherScriptIsAName() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["bench", "http://m\u{FC}nchen.invalid:1", "--requests", "1"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("[server-unreachable]") && !outcome.errors.contains("illegal"), "\(outcome.errors)")
  }

  @Test(arguments: ["inspect", "plan"]) func aMissingFileIsFour(command: String) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run([command, "nothing-here.gguf"])
    #expect(outcome.exitCode == 4)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("no such file"))
    #expect(outcome.errors.split(separator: "\n").count <= 2)
  }

  @Test func aTruncatedModelIsFour() throws {
    let program = try Program()
    defer { program.remove() }
    let file = "\(program.home)/cut.gguf"
    try Data("GGUF".utf8 + [3, 0, 0, 0, 9, 0, 0]).write(to: URL(fileURLWithPath: file))
    let outcome = try program.run(["inspect", file, "--json"])
    #expect(outcome.exitCode == 4)
    #expect(outcome.output.isEmpty)
    #expect(try Schemas.named("error").violations(in: outcome.errors) == [])
  }

  @Test func aHostileHeaderIsFour() throws {
    let program = try Program()
    defer { program.remove() }
    let file = "\(program.home)/hostile.gguf"
    // Version 3 with 2^63 tensors and 2^63 keys.
    let counts: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x80]
    try Data("GGUF".utf8 + [3, 0, 0, 0] + counts + counts).write(to: URL(fileURLWithPath: file))
    let outcome = try program.run(["plan", file])
    #expect(outcome.exitCode == 4)
    #expect(outcome.errors.split(separator: "\n").count <= 2)
  }

  @Test func aStrangersDatabaseIsLeftAlone() throws {
    let program = try Program()
    defer { program.remove() }
    try FileManager.default.createDirectory(atPath: "\(program.home)/data", withIntermediateDirectories: true)
    let file = "\(program.home)/data/plimsoll.sqlite"
    let text = "this is somebody's diary"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try program.run(["runs", "list"])
    #expect(outcome.exitCode == 4 || outcome.exitCode == 1)
    #expect(!outcome.errors.isEmpty)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
  }
}
