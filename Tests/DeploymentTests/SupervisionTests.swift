import Engines
import Fixtures
import Foundation
import Platform
import Testing
import Units

@testable import Deployment

@Suite struct BackOffTests {
  @Test func doublesAndGivesUp() {
    var backOff = BackOff()
    #expect((0..<6).map { _ in backOff.wait(afterRunning: 1) } == [1, 2, 4, 8, 16, nil])
  }

  @Test func forgetsFailuresAfterALongRun() {
    var backOff = BackOff()
    for _ in 0..<4 { _ = backOff.wait(afterRunning: 1) }
    #expect(backOff.wait(afterRunning: BackOff.recovery) == 1)
    #expect(backOff.wait(afterRunning: 5) == 2)
  }
}

@Suite struct LogCountTests {
  @Test func countsLinesThatHoldTheWordsInOrder() throws {
    let path = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString).log"
    defer { unlink(path) }
    let line = "0.02.451 I slot      release: id  0 | task 4 | stop processing: n_tokens = 3\n"
    let others = "slot print_timing\nstop processing slot release:\n" + String(repeating: "x", count: 2_000_000) + "\n"
    try Data((line + others + line + line).utf8).write(to: URL(fileURLWithPath: path))
    #expect(LogCount(words: LlamaCpp().operation.requestWords).count(in: path) == 3)
    #expect(LogCount(words: ["a"]).count(in: path + ".none") == nil)
  }
}

@Suite struct ModelRisksTests {
  private func folder(_ files: [String: String]) throws -> String {
    let path = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    try DataFolders.make(path)
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
    return path
  }

  /// A folder's files, what is trusted, and the reason of the refusal.
  static let cases: [(files: [String: String], trust: ModelTrust, code: ReasonCode?)] = [
    (["pytorch_model.bin": "x", "config.json": "{}"], ModelTrust(), "pickle-weights"),
    (["pytorch_model.bin": "x", "config.json": "{}"], ModelTrust(loadsPickles: true), nil),
    (["model.safetensors": "x", "pytorch_model.bin": "x", "config.json": "{}"], ModelTrust(), nil),
    (["model.safetensors": "x", "config.json": #"{"auto_map": {"AutoModel": "m.M"}}"#], ModelTrust(), "remote-code"),
    (
      ["model.safetensors": "x", "config.json": #"{"auto_map": {"AutoModel": "m.M"}}"#],
      ModelTrust(runsRepositoryCode: true), nil
    ),
    (
      ["model.safetensors": "x", "config.json": "{}", "tokenizer_config.json": #"{"auto_map": {"A": ["t.T", null]}}"#],
      ModelTrust(loadsPickles: true), "remote-code"
    ),
    (["model.safetensors": "x", "config.json": #"{"auto_map" broken"#], ModelTrust(), "remote-code"),
    // Python's reader takes NaN, escapes in names, and the last of two members.
    (
      ["model.safetensors": "x", "config.json": #"{"a": NaN, "\u0061uto_map" : {"AutoModel": "m.M"}}"#], ModelTrust(),
      "remote-code"
    ),
    (
      ["model.safetensors": "x", "config.json": #"{"auto_map": null, "auto_map": {"AutoModel": "m.M"}}"#], ModelTrust(),
      "remote-code"
    ),
    (["model.safetensors": "x", "training_args.bin": "x", "config.json": #"{"auto_map": null}"#], ModelTrust(), nil),
    // Python reads both of these, and finds the class in them.
    (
      ["model.safetensors": "x", "config.json": #"{"\u0061uto_map": {"AutoModel": "m.M"}, "n": NaN}"#], ModelTrust(),
      "remote-code"
    ),
    (
      ["model.safetensors": "x", "config.json": #"{"auto_map": null, "auto_map": {"AutoModel": "m.M"}}"#],
      ModelTrust(), "remote-code"
    ),
    (["model.safetensors": "x", "config.json": #"{"a": NaN, "b": -Infinity, "c": [1e5]}"#], ModelTrust(), nil),
    (
      ["model.safetensors": "x", "config.json": #"{"text_config": {"auto_map": {"AutoModel": "m.M"}}}"#], ModelTrust(),
      "remote-code"
    ),
    (["model.safetensors": "x", "config.json": #"{"model_file": "m.py"}"#], ModelTrust(), "remote-code"),
    (["model.safetensors": "x", "config.json": "\u{FEFF}{}"], ModelTrust(), "remote-code"),
    (["model.safetensors": "x", "config.json": ""], ModelTrust(runsRepositoryCode: true), nil),
  ]

  @Test(arguments: cases.indices) func refusesWhatRunsCode(_ index: Int) throws {
    let (files, trust, code) = Self.cases[index]
    let path = try folder(files)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(ModelRisks(of: path).refusal(unless: trust)?.code == code)
  }

  @Test func aFileOfWeightsIsJudgedByWhatLiesBesideIt() throws {
    let path = try folder([
      "model.safetensors": "x", "config.json": #"{"auto_map": {"A": "m.M"}}"#, "m.py": "", "setup.py": "",
    ])
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(ModelRisks(of: "\(path)/model.safetensors").codeReferences == ["config.json"])
    let risks = ModelRisks(of: path)
    #expect(risks.note(unless: ModelTrust())?.hasPrefix("m.py and 1 more") == true)
    #expect(risks.note(unless: ModelTrust(runsRepositoryCode: true)) == nil)
  }

  @Test(arguments: ["/m/model.bin", "/m/x.PT", "/m/a.ckpt"]) func refusesAPickleByItsName(_ path: String) {
    #expect(ModelRisks(of: path).refusal(unless: ModelTrust())?.code == "pickle-weights")
  }

  @Test func trustReachesTheEngineAsItsOwnFlag() {
    let asked = LaunchRequest(modelPath: "/m", contextLength: 512, parallel: 1)
    for kind in [EngineKind.vllm, .mlx] {
      let engine = EngineCatalogue.engine(kind)
      #expect(!engine.launch(asked).arguments.contains("--trust-remote-code"))
      #expect(engine.launch(asked).trusting(engine.operation).arguments.contains("--trust-remote-code"))
    }
    let llama = LlamaCpp()
    #expect(llama.launch(asked).trusting(llama.operation) == llama.launch(asked))
  }

  @Test func aRelativeModelIsStartedByItsAbsolutePath() {
    let launch = LlamaCpp().launch(LaunchRequest(modelPath: "m/x.gguf", contextLength: 512, parallel: 1))
    #expect(launch.placed(at: "/home/m/x.gguf").modelPath == "/home/m/x.gguf")
  }
}
