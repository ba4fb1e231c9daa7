import Foundation
import Testing

/// The commands for the Hub, against the stand-in of `scripts/hub-server`.
@Suite(
  .enabled(if: Program.isBuilt && StandInHub.python != nil, "the program is not built, or python3 is not installed"))
struct HubCommandTests {
  private static let index =
    #"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#
  private static let sharded = [
    "config.json": "{}", "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": "one",
    "model-00002-of-00002.safetensors": "two", "model.safetensors": "whole", "model.fp16.safetensors": "half",
  ]

  @Test func aSearchThatIsCutShortSaysSo() throws {
    let hub = try StandInHub(["org/m": Self.sharded])
    defer { hub.remove() }
    try hub.fail(#"[{"path": "resolve", "status": 429, "headers": {"Retry-After": "500"}, "times": 99}]"#)
    let found = try hub.run(["models", "search", "m", "--fits"])
    #expect(found.exitCode == 0)
    #expect(found.output.contains("no verdicts"))
    #expect(found.errors.contains("[rate-limited]"))
    #expect(try hub.run(["models", "search", "m", "--fits", "--json"]).output.contains(#""incomplete""#))
  }

  @Test func pullsOneCopyAndNoticesAMissingPart() throws {
    let hub = try StandInHub(["org/m": Self.sharded])
    defer { hub.remove() }
    let preview = try hub.run(["models", "pull", "org/m", "--print"])
    #expect(preview.output.contains("in 4 files"), "\(preview.output)")
    let document = try hub.run(["models", "pull", "org/m", "--print", "--json"]).output
    #expect(document.contains(#""schema" : "plimsoll.pull-preview/1""#), "\(document)")
    let pulled = try hub.run(["models", "pull", "org/m"])
    let snapshot = pulled.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(pulled.exitCode == 0, "\(pulled.errors)")
    #expect(try hub.run(["models", "pull", "org/m"], offline: true).output == pulled.output)
    try FileManager.default.removeItem(atPath: "\(snapshot)/model-00002-of-00002.safetensors")
    for arguments in [["models", "pull", "org/m"], ["plan", "hf:org/m"]] {
      let offline = try hub.run(arguments, offline: true)
      #expect(offline.exitCode == 1)
      #expect(offline.errors.contains("[missing-parts]"), "\(offline.errors)")
    }
  }

  @Test func aRepositoryThatLacksAPartIsShownAsSuch() throws {
    let hub = try StandInHub(["org/m": ["m-Q8_0-00001-of-00002.gguf": "x"]])
    defer { hub.remove() }
    let shown = try hub.run(["models", "show", "org/m"])
    #expect(shown.output.contains("nothing to fetch: org/m:Q8_0 is not whole: m-Q8_0-00002-of-00002.gguf is not there"))
    #expect(try hub.run(["models", "pull", "org/m:Q8_0"]).errors.contains("[missing-parts]"))
  }

  @Test func saysThatAPickleIsRefused() throws {
    let hub = try StandInHub(["org/m": ["pytorch_model.bin": "x", "config.json": "{}"]])
    defer { hub.remove() }
    #expect(try hub.run(["models", "show", "org/m"]).output.contains("pytorch is refused"))
    #expect(try hub.run(["models", "pull", "org/m"]).exitCode == 4)
  }

  @Test(arguments: [
    ["--engine", "foo"], ["--format", "pickle"], ["--min-parameters", "abc"], ["--limit", "0"],
    ["--min-parameters", "7B", "--max-parameters", "1B"], ["--on", "nosuch"], ["--fits", "--on", "nosuch"],
  ])
  func refusesASearchThatMeansNothing(options: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    #expect(try program.run(["models", "search", "m"] + options).exitCode == 2)
  }
}

/// The stand-in, with the program set up for it.
final class StandInHub {
  static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private let program: Program
  private let process = Process()
  private let input = Pipe()
  private let address: String

  init(_ repositories: [String: [String: String]]) throws {
    program = try Program()
    for (name, files) in repositories {
      try FileManager.default.createDirectory(
        atPath: "\(program.home)/models/\(name)", withIntermediateDirectories: true)
      for (path, text) in files {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(program.home)/models/\(name)/\(path)"))
      }
    }
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.python ?? "/usr/bin/python3")
    process.arguments = ["\(Program.checkout)/scripts/hub-server", "\(program.home)/models"]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    struct Addresses: Decodable { var hub: String }
    address = try JSONDecoder().decode(Addresses.self, from: output.fileHandleForReading.availableData).hub
  }

  /// Ends the stand-in, which lives as long as its input is open.
  func remove() {
    try? input.fileHandleForWriting.close()
    end(of: process)
    program.remove()
  }

  func run(_ arguments: [String], offline: Bool = false) throws -> Program.Outcome {
    var environment = ["HF_ENDPOINT": address, "HF_HOME": "\(program.home)/hf"]
    if offline { environment["HF_HUB_OFFLINE"] = "1" }
    return try program.run(arguments, environment: environment)
  }

  /// Sets the faults of the next requests; see the script's opening comment.
  func fail(_ faults: String) throws {
    let request = Process()
    request.executableURL = process.executableURL
    let code = "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], sys.argv[2].encode(), method='POST'))"
    request.arguments = ["-c", code, "\(address)/_faults", faults]
    try request.run()
    end(of: request)
  }

  /// Waits without a run loop, which the test's thread does not have.
  private func end(of process: Process) { while process.isRunning { usleep(5_000) } }
}
