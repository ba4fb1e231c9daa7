import Fixtures
import Foundation
import Testing

/// From a catalogue's name to the files that somebody publishes, against the stand-in Hub.
@Suite(
  .enabled(if: Program.isBuilt && StandInHub.python != nil, "the program is not built, or python3 is not installed"))
struct CatalogueNameTests {
  private static let entry = """
    {"repository": "made/up-model-1b", "family": "Made", "maker": "Maker", "parameters": 1235814400,
     "activeParameters": 1235814400, "contextLength": 8192, "license": "MIT", "released": "2025-01", "tasks": ["chat"],
     "verified": true, "gguf": ["org/none-GGUF", "org/up-model-1b-GGUF"],
     "config": {"model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32,
      "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 8192, "vocab_size": 128256,
      "max_position_embeddings": 8192, "tie_word_embeddings": true}}
    """

  private func catalogue(in folder: String) throws -> String {
    let models = "\(folder)/catalogue/models"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    try Data(Self.entry.utf8).write(to: URL(fileURLWithPath: "\(models)/up-model-1b.json"))
    return "\(folder)/catalogue"
  }

  /// What is not published anywhere says which names were tried; nothing is guessed.
  @Test func nobodyPublishesIt() throws {
    let hub = try StandInHub(["org/other": ["config.json": "{}"]])
    defer { hub.remove() }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let words = ["deploy", "up-model-1b", "--profiles", try catalogue(in: folder), "--engine", "llama.cpp", "--print"]
    let outcome = try hub.run(words)
    #expect(outcome.exitCode != 0)
    #expect(outcome.errors.contains("repository-not-found"), "\(outcome.errors)")
  }

  /// Offline the cache is asked, and what it lacks is said.
  @Test func offlineItIsNotFetched() throws {
    let hub = try StandInHub(["org/other": ["config.json": "{}"]])
    defer { hub.remove() }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let words = ["deploy", "up-model-1b", "--profiles", try catalogue(in: folder), "--engine", "llama.cpp", "--yes"]
    let outcome = try hub.run(words, offline: true)
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("[offline]"), "\(outcome.errors)")
    #expect(outcome.errors.contains("engines install demo-models"), "\(outcome.errors)")
  }

  /// Where no Hub answers, `run` and `deploy` say so at once, and what works instead; no advice leads back to the Hub.
  @Test(arguments: ["run", "deploy"]) func withoutAHubItSaysWhatWorks(command: String) throws {
    let program = try Program()
    defer { program.remove() }
    let words = [command, "up-model-1b", "--profiles", try catalogue(in: program.home)]
    // Nobody listens there.
    let nowhere = ["HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": "\(program.home)/hf", "HOME": program.home]
    let empty = try program.run(words, environment: nowhere)
    #expect(empty.exitCode == 1)
    #expect(empty.errors.contains("[hub-unreachable]"), "\(empty.errors)")
    #expect(!empty.errors.contains("measuring memory"))
    for words in ["engines install demo-models", "copy a GGUF file", "HF_ENDPOINT"] {
      #expect(empty.errors.contains(words), "\(empty.errors)")
    }
    #expect(!empty.errors.contains("models pull") && !empty.errors.contains("models list"), "\(empty.errors)")
    // A model that is here is named.
    let models = "\(program.home)/data/models"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    try Data("GGUF".utf8).write(to: URL(fileURLWithPath: "\(models)/small.gguf"))
    let named = try program.run(words, environment: nowhere)
    #expect(named.errors.contains("plimsoll run small.gguf works without it"), "\(named.errors)")
  }

  private static let newer = """
    {"model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32,
     "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 8192, "vocab_size": 128256,
     "max_position_embeddings": 32768, "tie_word_embeddings": true}
    """

  private static func about(_ created: String, tags: [String] = []) -> String {
    let tags = (["conversational", "license:mit"] + tags).map { "\"\($0)\"" }.joined(separator: ", ")
    return """
      {"createdAt": "\(created)", "tags": [\(tags)], "pipeline_tag": "text-generation",
       "safetensors": {"total": 1235814400}}
      """
  }

  /// What a maker of listed models has published since is listed, by what is known of it; the catalogue's list never needs it.
  @Test func newerModelsOfTheFamiliesAreAskedFor() throws {
    let hub = try StandInHub([
      "Qwen/Qwen9-1B": ["config.json": Self.newer, ".meta.json": Self.about("2031-01-02T03:04:05.000Z")],
      "Qwen/Qwen1-1B": ["config.json": Self.newer, ".meta.json": Self.about("2023-01-02T03:04:05.000Z")],
      "Qwen/Qwen9-1B-Small": [
        "config.json": Self.newer,
        ".meta.json": Self.about("2031-01-02T03:04:05.000Z", tags: ["base_model:quantized:Qwen/Qwen9-1B"]),
      ],
      // What a stranger writes behind his configuration is no member of ours, and a word within a name is no family.
      "Qwen/Qwen9-Joined": [
        "config.json": Self.newer + ", \"license\": \"INJECTED\"",
        ".meta.json": Self.about("2031-01-02T03:04:05.000Z"),
      ],
      "Qwen/MedQwen9-1B": ["config.json": Self.newer, ".meta.json": Self.about("2031-01-02T03:04:05.000Z")],
      "Qwen/Qwen9-Broken": ["config.json": "{", ".meta.json": Self.about("2031-01-02T03:04:05.000Z")],
    ])
    defer { hub.remove() }
    let words = ["recommend", "--on", "cpu 8 cores, 16 GiB, 51 GB/s", "--maker", "alibaba", "--limit", "20"]
    let outcome = try hub.run(words + ["--online", "--json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try Schemas.named("recommendation").violations(in: outcome.output) == [])
    #expect(outcome.output.contains("\"hf:Qwen/Qwen9-1B\""), "\(outcome.output.suffix(600))")
    for other in ["Qwen1-1B", "Qwen9-1B-Small", "Qwen9-Broken", "Qwen9-Joined", "INJECTED", "MedQwen9"] {
      #expect(!outcome.output.contains(other))
    }
    // Without a Hub the list is there all the same, and says what was not asked.
    let offline = try hub.run(words + ["--online"], offline: true)
    #expect(offline.exitCode == 0)
    #expect(offline.output.contains("the Hub could not be asked"), "\(offline.output)")
    let usual = try hub.run(words)
    #expect(usual.exitCode == 0 && !usual.output.contains("Hub could not"))
    #expect(try hub.run(["recommend", "--since", "yesterday"]).exitCode == 2)
  }
}
