import Fixtures
import Foundation
import Testing

/// What `deploy` shows and refuses before anything is started.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct DeployOptionTests {
  @discardableResult
  static func model(_ path: String, isWhole: Bool = true) throws -> String {
    var builder = GGUFBuilder(architecture: "llama")
    for (key, value) in [
      ("block_count", 1), ("context_length", 2048), ("embedding_length", 64), ("feed_forward_length", 128),
      ("attention.head_count", 4), ("attention.head_count_kv", 4), ("vocab_size", 32),
    ] { builder.set("llama.\(key)", .uint32(UInt32(value))) }
    builder.add("token_embd.weight", [64, 32])
    try builder.write(to: path, size: 16384)
    if !isWhole { truncate(path, 2048) }
    return path
  }

  /// A name of the catalogue can be planned with, and not started with; a draft that is here is, under its path.
  @Test func aDraftWithoutAFileIsNotStarted() throws {
    let program = try Program()
    defer { program.remove() }
    let model = try Self.model("\(program.home)/model.gguf")
    let named = try program.run(["deploy", model, "--draft", "qwen3-0.6b", "--print"])
    #expect(named.exitCode == 4 && named.errors.contains("[not-here]"), "\(named.errors)")
    let draft = try Self.model("\(program.home)/draft.gguf")
    let here = try program.run(["deploy", model, "--draft", draft, "--print"])
    #expect(here.exitCode == 0 && here.output.contains("draft.gguf"), "\(here.errors)")
    let mixed = try program.run(["deploy", "--plan", "p.json", "--draft", draft, "--print"])
    #expect(mixed.exitCode == 2 && mixed.errors.contains("--draft"), "\(mixed.errors)")
  }

  @Test func aSavedPlanIsNotMixedWithOtherWishes() throws {
    let program = try Program()
    defer { program.remove() }
    let first = try Self.model("\(program.home)/first.gguf")
    let second = try Self.model("\(program.home)/second.gguf")
    let plan = "\(program.home)/plan.json"
    let made = try program.run(["plan", first, "--context", "512", "--json"])
    try Data(made.output.utf8).write(to: URL(fileURLWithPath: plan))
    let alone = try program.run(["deploy", "--plan", plan, "--print"])
    #expect(alone.exitCode == 0 && alone.output.contains("first.gguf"), "\(alone.errors)")
    #expect(try program.run(["deploy", first, "--plan", plan, "--print"]).output == alone.output)
    let other = try program.run(["deploy", second, "--plan", plan, "--print"])
    #expect(other.exitCode == 2 && other.errors.contains("[other-model]"), "\(other.errors)")
    let mixed = try program.run([
      "deploy", "--plan", plan, "--print", "--max-context", "256", "--kv-type=q8_0", "--gpu-layers", "0", "--on", "x",
    ])
    #expect(mixed.exitCode == 2)
    for name in ["--max-context", "--kv-type", "--gpu-layers", "--on"] { #expect(mixed.errors.contains(name)) }
    #expect(try program.run(["deploy", "--print"]).exitCode == 2)
  }

  /// What is copied from the print must ask for a key wherever a deployment would.
  @Test func thePrintedCommandAsksForAKey() throws {
    let program = try Program()
    defer { program.remove() }
    let model = try Self.model("\(program.home)/m.gguf")
    for words in [["--host", "0.0.0.0"], ["--key"]] {
      let shown = try program.run(["deploy", model, "--print"] + words).output
      #expect(shown.contains("--api-key-file \(program.home)/data/deployments/m.key"), "\(shown)")
      #expect(shown.contains("umask 077"))
    }
    #expect(try !program.run(["deploy", model, "--print"]).output.contains("api-key"))
  }

  @Test func jsonIsOneDocumentWhateverIsShown() throws {
    let program = try Program()
    defer { program.remove() }
    let model = try Self.model("\(program.home)/m.gguf")
    for (words, schema) in [
      (["--print"], "plimsoll.launch/1"), (["--target", "kubernetes"], "plimsoll.target/1"),
      (["--target", "docker", "--out", "\(program.home)/out"], "plimsoll.target/1"),
    ] {
      let shown = try program.run(["deploy", model, "--json"] + words)
      let document = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
      #expect(document?["schema"] as? String == schema, "\(shown.output)")
    }
  }

  @Test(arguments: [
    ["--pod-replicas", "2"], ["--claim", "x"], ["--address", "http://x"], ["--image", "x"], ["--out", "x"], ["--apply"],
    ["--nodes", "2"], ["--port", "5000", "--port-range", "5000-5001"], ["--target", "docker", "--claim", "x"],
    ["--target", "kubernetes", "--restart", "never"], ["--target", "kubernetes", "--port", "9000"], ["--threads", "0"],
    ["--batch", "0"], ["--patience", "0"],
    ["--gpu-memory-utilization", "7"], ["--host", "bad host"], ["--host", "999.1.1.1"],
  ])
  func whatHasNoEffectOrNoSenseIsWrongUsage(options: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["deploy", try Self.model("\(program.home)/m.gguf")] + options)
    #expect(outcome.exitCode == 2, "\(outcome.errors)")
  }

  /// A model that sees is started with the projector that lies beside it, and the plan has room for it.
  @Test func theModelsOwnProjectorIsLoadedAndCounted() throws {
    let program = try Program()
    defer { program.remove() }
    let model = try Self.model("\(program.home)/m.gguf")
    func planned() throws -> Int {
      let plan = try program.run(["plan", model, "--context", "512", "--json"])
      let document = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
      let option = (document?["options"] as? [[String: Any]])?.first { $0["origin"] as? String == "file" }
      let devices = (option?["memory"] as? [String: Any])?["devices"] as? [[String: Any]]
      let weights = (devices?.first?["components"] as? [String: Any])?["weights"] as? [String: Any]
      return try #require(weights?["bytes"] as? Int)
    }
    let alone = try planned()
    #expect(try !program.run(["deploy", model, "--print"]).output.contains("--mmproj"))
    let projector = "\(program.home)/mmproj-m.gguf"
    try GGUFBuilder(architecture: "clip").write(to: projector, size: 1 << 20)
    #expect(try program.run(["deploy", model, "--print"]).output.contains("--mmproj \(projector)"))
    #expect(try planned() >= alone + 1 << 20)
    #expect(try !program.run(["deploy", model, "--print", "--mmproj", "none"]).output.contains("--mmproj"))
  }

  @Test func filesThatAreMissingOrCutShortAreRefusedInput() throws {
    let program = try Program()
    defer { program.remove() }
    let whole = try Self.model("\(program.home)/m.gguf")
    for option in ["--mmproj", "--lora"] {
      let outcome = try program.run(["deploy", whole, option, "/nowhere.gguf", "--print"])
      #expect(outcome.exitCode == 4 && outcome.errors.contains("[no-such-file]"), "\(outcome.errors)")
    }
    // An engine that would be started, so that nothing but the file is in the way.
    let server = "\(program.home)/server"
    try Data("#!/bin/sh\necho version: 99999\n".utf8).write(to: URL(fileURLWithPath: server))
    chmod(server, 0o755)
    try FileManager.default.createDirectory(atPath: "\(program.home)/config", withIntermediateDirectories: true)
    try Data("engines: {llama.cpp: {path: \(server)}}".utf8)
      .write(to: URL(fileURLWithPath: "\(program.home)/config/config.yaml"))
    let cut = try program.run(["deploy", try Self.model("\(program.home)/cut.gguf", isWhole: false)])
    #expect(cut.exitCode == 4 && cut.errors.contains("[incomplete-file]"), "\(cut.errors)")
  }

  @Test func aConfigurationThatIsNotUnderstoodEndsEveryCommand() throws {
    let program = try Program()
    defer { program.remove() }
    try FileManager.default.createDirectory(atPath: "\(program.home)/config", withIntermediateDirectories: true)
    try Data("engines:\n  lama.cpp: {}\n".utf8)
      .write(to: URL(fileURLWithPath: "\(program.home)/config/config.yaml"))
    for command in ["ps", "engines"] {
      let outcome = try program.run([command])
      #expect(outcome.exitCode == 2 && outcome.errors.contains("config.yaml:2: lama.cpp"), "\(outcome.errors)")
    }
  }
}

extension HubCommandTests {
  @Test func aRepositoryOfPicklesIsNotPrintedAsACommand() throws {
    let configuration = """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1,
       "num_attention_heads": 4, "num_key_value_heads": 4, "intermediate_size": 128, "vocab_size": 32,
       "max_position_embeddings": 2048, "torch_dtype": "bfloat16"}
      """
    let hub = try StandInHub(["org/m": ["pytorch_model.bin": "x", "config.json": configuration]])
    defer { hub.remove() }
    let line = ["deploy", "hf:org/m", "--engine", "vllm", "--on", "h100-sxm5-80gb, 256 GiB", "--print"]
    let outcome = try hub.run(line)
    #expect(outcome.exitCode == 4 && outcome.errors.contains("[pickle-weights]"), "\(outcome.output)\(outcome.errors)")
    #expect(try hub.run(["plan", "hf:org/nothing"]).exitCode == 4)
  }
}
