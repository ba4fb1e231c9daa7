import Fixtures
import Foundation
import Platform
import Synchronization
import Testing
import Units

@testable import Engines

/// Engines' own benchmarks, by what their programs print.
@Suite struct NativeBenchmarkTests {
  /// Answers every program with one recorded result, and checks the words it was asked with.
  private struct Recorded: CommandRunner {
    var program: String
    var arguments: [String]
    var result: CommandResult?

    func run(_ program: String, _ arguments: [String], timeout: Duration) async -> CommandResult? {
      #expect(program == self.program)
      #expect(arguments == self.arguments)
      return result
    }
  }

  /// The form of `llama-bench -o json`: one object a test, times in nanoseconds.
  private static let llama = """
    [
      {
        "build_commit": "c3d4e5f", "build_number": 11434, "cpu_info": "AMD EPYC", "backends": "CPU",
        "model_filename": "m.gguf", "model_type": "llama ?B Q4_1", "model_size": 91700000, "model_n_params": 134515008,
        "n_batch": 2048, "n_ubatch": 512, "n_threads": 1, "n_prompt": 128, "n_gen": 0, "n_depth": 0,
        "test_time": "2026-11-22T10:00:00Z", "avg_ns": 1250000000, "stddev_ns": 12500000, "avg_ts": 102.4,
        "stddev_ts": 1.02, "samples_ns": [1237500000, 1262500000], "samples_ts": [103.4, 101.4]
      },
      {
        "build_commit": "c3d4e5f", "build_number": 11434, "n_prompt": 0, "n_gen": 32, "n_depth": 512,
        "avg_ns": 500000000, "stddev_ns": 5000000, "avg_ts": 64.0, "stddev_ts": 0.64,
        "samples_ns": [495000000, 505000000], "samples_ts": [64.6, 63.4]
      }
    ]
    """

  @Test func readsLlamaBenchWithDepths() async throws {
    let words = ["-m", "m.gguf", "-o", "json", "-r", "2", "-p", "128", "-n", "32", "-d", "0,512", "-t", "1"]
    let runner = Recorded(
      program: "llama-bench", arguments: words,
      result: CommandResult(exitCode: 0, output: "ggml: loaded\n" + Self.llama, errorOutput: ""))
    var settings = NativeBenchmark.Settings()
    (settings.prompts, settings.answers, settings.depths) = ([128], [32], [0, 512])
    (settings.repetitions, settings.threads) = (2, 1)
    let found = try await NativeBenchmark(LlamaBench(), runner: runner).run(model: "m.gguf", settings: settings)
    #expect(found.map(\.test) == ["pp128", "tg32 @ d512"])
    #expect(found.map(\.tokensPerSecond) == [102.4, 64])
    #expect(found[0].samples == [1.2375, 1.2625] && found[0].build == "b11434 (c3d4e5f)")
  }

  @Test func readsTheAveragesOfMLX() throws {
    let text = "Trial 1: prompt_tps=800.0\nAverages: prompt_tps=812.5, generation_tps=95.0, peak_memory=1.2\n"
    let found = try MLXBenchmark.results(in: text, prompt: 512, answer: 128)
    #expect(found.map(\.test) == ["pp512", "tg128"])
    #expect(found.map(\.tokensPerSecond) == [812.5, 95])
  }

  @Test func aProgramThatIsNotThereSaysHowToNameIt() async throws {
    let runner = Recorded(
      program: "llama-bench", arguments: ["-m", "m", "-o", "json", "-r", "5", "-p", "512", "-n", "128"], result: nil)
    let error = await #expect(throws: NativeBenchmark.Failure.self) {
      try await NativeBenchmark(LlamaBench(), runner: runner).run(model: "m", settings: .init())
    }
    #expect(error?.reason.code == "no-native-benchmark")
    #expect(error?.reason.remedy?.contains("--native-program") == true)
  }

  /// Whoever may change the program decides what it does.
  @Test func aProgramThatOthersMayChangeIsNotStarted() async throws {
    let folder = NSTemporaryDirectory() + "plimsoll-native-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/llama-bench"
    try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: path))
    chmod(path, 0o755)
    #expect(programPlace(of: "llama-bench", path: "relative:/nowhere:\(folder)") == path)
    #expect(programPlace(of: "llama-bench", path: "relative:/nowhere") == nil)
    chmod(folder, 0o777)
    let runner = Recorded(program: path, arguments: [], result: nil)
    let error = await #expect(throws: NativeBenchmark.Failure.self) {
      try await NativeBenchmark(LlamaBench(), path: path, runner: runner).run(model: "m", settings: .init())
    }
    #expect(error?.reason.code == .unsafeProgram)
  }

  @Test(arguments: ["", "error: no model", "[{}]", "[{\"n_prompt\": 1}]"])
  func outputThatIsNoResultIsRefused(text: String) {
    #expect(throws: NativeBenchmark.Failure.self) { try LlamaBench.results(in: text) }
  }

  /// Writes what vLLM writes to the file that it is told, and keeps the modes of what it finds there.
  private final class Latencies: CommandRunner {
    struct Seen {
      var folders: Set<String> = []
      var files: [String] = []
      var modes: [Int] = []
    }
    let seen = Mutex(Seen())

    func run(_ program: String, _ arguments: [String], timeout: Duration) async -> CommandResult? {
      guard let place = arguments.firstIndex(of: "--output-json"), arguments.indices.contains(place + 1) else {
        return nil
      }
      let file = arguments[place + 1]
      let folder = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex))
      let mode = (try? FileManager.default.attributesOfItem(atPath: folder))?[.posixPermissions] as? Int
      seen.withLock {
        $0.folders.insert(folder)
        $0.files.append(file)
        $0.modes.append(mode ?? 0)
      }
      try? Data(#"{"avg_latency": 2.0, "latencies": [1.9, 2.1]}"#.utf8).write(to: URL(filePath: file))
      return CommandResult(exitCode: 0, output: "")
    }
  }

  /// Other users of the machine can neither foresee the file nor read it.
  @Test func vLLMWritesToAFolderOfThisUserAlone() async throws {
    let runner = Latencies()
    var settings = NativeBenchmark.Settings()
    (settings.prompts, settings.answers) = ([64, 128], [32])
    let found = try await NativeBenchmark(VLLMLatencyBench(), runner: runner).run(model: "m", settings: settings)
    #expect(found.map(\.test) == ["pp64+tg32", "pp128+tg32"])
    #expect(found.map(\.tokensPerSecond) == [16, 16])
    let seen = runner.seen.withLock { $0 }
    #expect(Set(seen.files).count == 2)
    #expect(seen.modes.allSatisfy { $0 == 0o700 })
    for folder in seen.folders { #expect(!FileManager.default.fileExists(atPath: folder)) }
  }
}
