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
    #expect(outcome.exitCode != 0)
    #expect(outcome.errors.contains("offline"), "\(outcome.errors)")
  }
}
