import Platform
import Fixtures
import Foundation
import Testing

/// What stands in the way of a deployment is said in one sentence, with its code and exit code, and leaves nothing.
///
/// The engine is a shell script, named in the configuration as a user would name a build of their own.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct RefusalTests {
  /// A small model that the planner accepts; nothing loads it.
  private static func model(_ program: Program, layers: Int = 1, size: Int? = nil) throws -> String {
    var builder = GGUFBuilder(architecture: "llama")
    for (key, value) in [
      ("block_count", layers), ("context_length", 2048), ("embedding_length", 64), ("feed_forward_length", 128),
      ("attention.head_count", 4), ("attention.head_count_kv", 4), ("vocab_size", 32),
    ] { builder.set("llama.\(key)", .uint32(UInt32(value))) }
    builder.add("token_embd.weight", [64, size.map { UInt64($0) / 128 } ?? 32])
    let path = "\(program.home)/model.gguf"
    try builder.write(to: path, size: (size ?? 4096) + 8192)
    return path
  }

  private static func program(engine script: String) throws -> Program {
    let program = try Program()
    let path = "\(program.home)/server"
    let text = "#!/bin/sh\ncase $1 in --version) echo version: 99999; exit;; --help) exit;; esac\n\(script)\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o755)
    let folder = "\(program.home)/config"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("engines: {llama.cpp: {path: \(path)}}\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/config.yaml"))
    return program
  }

  private func expect(_ outcome: Program.Outcome, _ exit: Int32, _ code: String) {
    #expect(outcome.exitCode == exit, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    let said = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("plimsoll: ") }
    #expect(said.count == 1 && said[0].hasSuffix("[\(code)]"), "\(outcome.errors)")
  }

  @Test func aPortThatIsInUse() throws {
    let program = try Self.program(engine: "sleep 60")
    defer { program.remove() }
    let listener = try Listener()
    defer { listener.close() }
    let outcome = try program.run(["deploy", try Self.model(program), "--port", "\(listener.port)"])
    expect(outcome, 1, "address-in-use")
    #expect(!outcome.errors.contains("log:"), "\(outcome.errors)")
    #expect(try program.deployments().isEmpty)
  }

  @Test func aServerThatNeverAnswers() throws {
    let program = try Self.program(engine: "echo loading; exec sleep 60")
    defer { program.remove() }
    let outcome = try program.run(["deploy", try Self.model(program), "--patience", "0.5"])
    #expect(outcome.exitCode == 5)
    #expect(outcome.errors.contains("[never-answered]") && outcome.errors.contains("loading"), "\(outcome.errors)")
    #expect(try program.deployments().isEmpty)
    #expect(program.servers().isEmpty)
  }

  @Test func aServerThatDies() throws {
    let words = "llama_model_load: error loading model: unknown model architecture"
    let program = try Self.program(engine: "echo '\(words)'; exit 1")
    defer { program.remove() }
    let outcome = try program.run(["deploy", try Self.model(program)])
    #expect(outcome.exitCode == 5)
    #expect(outcome.errors.contains("[unknown-architecture]"), "\(outcome.errors)")
    #expect(try program.deployments().isEmpty)
  }

  @Test func noEngineAtAll() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["deploy", try Self.model(program)], environment: ["PATH": "/usr/bin:/bin"])
    expect(outcome, 3, "engine-not-found")
  }

  @Test func aModelLargerThanMemory() throws {
    let program = try Self.program(engine: "sleep 60")
    defer { program.remove() }
    // A hole of 4 TiB behind a header: nothing of it is ever read.
    let outcome = try program.run(["deploy", try Self.model(program, size: 4 << 40)])
    expect(outcome, 3, "insufficient-memory")
  }

  @Test func anotherProgramsDatabase() throws {
    let program = try Program()
    defer { program.remove() }
    try FileManager.default.createDirectory(atPath: "\(program.home)/data", withIntermediateDirectories: true)
    let file = "\(program.home)/data/plimsoll.sqlite"
    let made = try program.run(
      [
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[3]); d.execute('create table runs(note)'); d.commit()",
        file,
      ],
      through: ["/usr/bin/env", "python3", "-c", "import sys; exec(sys.argv[2])"])
    try #require(made.exitCode == 0, "\(made.errors)")
    let before = try Data(contentsOf: URL(fileURLWithPath: file))
    let outcome = try program.run(["runs", "list"])
    #expect(outcome.exitCode == 4, "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count <= 2)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
  }

  @Test(.enabled(if: Listener.canMount, "this user may not mount a small file system"))
  func aFullDisk() throws {
    let program = try Self.program(engine: "sleep 60")
    defer { program.remove() }
    try FileManager.default.createDirectory(atPath: "\(program.home)/data", withIntermediateDirectories: true)
    let model = try Self.model(program)
    let script =
      "mount -t tmpfs -o size=16k none '\(program.home)/data' && head -c 99999 /dev/zero > "
      + "'\(program.home)/data/filler' 2>/dev/null; exec \"$@\""
    let wrapper = ["/usr/bin/env", "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    for words in [["deploy", model], ["runs", "list"]] {
      let outcome = try program.run(words, through: wrapper)
      #expect(outcome.exitCode == 1, "\(outcome.errors)")
      #expect(outcome.errors.lowercased().contains("full") || outcome.errors.contains("No space"), "\(outcome.errors)")
    }
    #expect(program.servers().isEmpty)
  }

  @Test func aModelThatWouldRunCode() throws {
    let program = try Program()
    defer { program.remove() }
    let folder = "\(program.home)/model"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let configuration = #"{"architectures": ["X"], "auto_map": {"AutoModel": "m.M"}}"#
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/config.json"))
    let weights: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)
    try Data(weights).write(to: URL(fileURLWithPath: "\(folder)/model.safetensors"))
    let outcome = try program.run(["deploy", folder, "--engine", "vllm"])
    expect(outcome, 4, "remote-code")
  }
}

/// A port of the loopback address that somebody listens on.
private struct Listener {
  let port: Int
  private let descriptor: Int32

  init() throws {
    descriptor = openStreamSocket()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (handle, size) = (descriptor, length)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        _ = bind(handle, generic, size)
        _ = listen(handle, 1)
        _ = getsockname(handle, generic, &length)
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() { _ = sysClose(descriptor) }

  /// True where a file system of one's own can be mounted without being root.
  static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}

private func sysClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
