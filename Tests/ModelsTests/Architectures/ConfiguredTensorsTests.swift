import Fixtures
import Foundation
import Testing
import Units

@testable import Models

/// A bare configuration is as large as the checkpoint that it describes.
@Suite struct ConfiguredTensorsTests {
  private func parameters(_ config: String) throws -> Int? {
    var parts = CheckpointParts(path: "config.json", format: .config)
    parts.config = try JSONValue(parsing: Array(config.utf8).span.bytes)
    return try CheckpointModel(parts: parts).model().parameters?.value
  }

  @Test func llamaCountsAsPublished() throws {
    let config = """
      {"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072,
       "tie_word_embeddings": false, "torch_dtype": "bfloat16"}
      """
    #expect(try parameters(config) == 8_030_261_248)
  }

  /// bge-large-en-v1.5 and bge-m3, as their cards count them.
  @Test(arguments: [
    (#""model_type": "bert", "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2"#, 335_141_888),
    (
      #""model_type": "xlm-roberta", "vocab_size": 250002, "max_position_embeddings": 8194, "type_vocab_size": 1"#,
      567_754_752
    ),
  ])
  func encodersCountAsPublished(part: String, count: Int) throws {
    let config = """
      {\(part), "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
       "torch_dtype": "float32"}
      """
    #expect(try parameters(config) == count)
  }

  @Test func peculiarFamiliesAreLeftUnknown() throws {
    let config = """
      {"model_type": "gemma3n", "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 30,
       "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 262144}
      """
    #expect(try parameters(config) == nil)
  }

  /// Nemotron 3's experts work on tokens of a quarter of the width: 120.6 and 549 billion weights, as they are called.
  @Test(
    .enabled(if: SharedData.has("model-configs"), "the reference data are not there"),
    arguments: [("Super-120B-A12B-FP8", 120.7), ("Ultra-550B-A55B-BF16", 549.3)])
  func expertsOfALatentWidthKeepIt(name: String, billions: Double) throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/nvidia--NVIDIA-Nemotron-3-\(name).json")
    #expect(abs(Double(model.parameters?.value ?? 0) / 1e9 - billions) < 0.1)
    let mix = try #require(QuantizationMix(model))
    let bytes = mix.outcome(.q80, importanceMatrix: false).tensorBytes
    #expect(abs(8 * Double(bytes.bytes) / billions / 1e9 - 8.5) < 0.03)
    let tensors = mix.outcome(.q80, importanceMatrix: false).tensors
    #expect(tensors.contains { $0.name.hasSuffix("ffn_latent_down.weight") })
  }

  static let names: [String] = {
    guard let folder = SharedModels.folder else { return [] }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { name in
      // MLX's packed forms of one small model are no plain checkpoints.
      !name.hasSuffix("bit") && FileManager.default.fileExists(atPath: "\(folder)/\(name)/config.json")
    }.sorted()
  }()

  @Test(.enabled(if: SharedModels.folder != nil, "the reference data are not there"), arguments: names)
  func agreesWithTheCheckpoint(name: String) throws {
    let folder = try #require(SharedModels.folder)
    let whole = try #require(ModelReader.read(path: "\(folder)/\(name)").parameters?.value)
    let text = try String(contentsOfFile: "\(folder)/\(name)/config.json", encoding: .utf8)
    let counted = try #require(try parameters(text))
    #expect(abs(Double(counted) / Double(whole) - 1) < 0.0005)
  }
}
