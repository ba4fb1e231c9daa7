import Fixtures
import Foundation
import Testing
import Units

@testable import Models

/// What the transformers library makes of a configuration, also of one that leaves keys out.
@Suite struct BlueprintTests {
  private func model(_ config: String) throws -> Model {
    try ModelReader.read(configuration: Array(config.utf8), name: "config")
  }

  /// Counts as the makers or the Hub state them.
  @Test(
    "counts as published",
    arguments: [
      (
        #""model_type": "falcon", "vocab_size": 65024, "hidden_size": 4544, "num_hidden_layers": 32, "#
          + #""num_attention_heads": 71, "multi_query": true, "num_kv_heads": 71"#, 6_921_720_704, 1
      ),
      (#""model_type": "gpt2""#, 124_439_808, 12),
      (
        #""model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352, "#
          + #""attn_config": {"kv_n_heads": 8}, "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "#
          + #""moe_top_k": 4}"#, 131_596_523_520, 8
      ),
      (
        #""model_type": "lfm2", "hidden_size": 2048, "block_ff_dim": 12288, "num_hidden_layers": 16, "#
          + #""num_attention_heads": 32, "num_key_value_heads": 8, "full_attn_idxs": [2, 5, 8, 10, 12, 14]"#,
        1_170_340_608, 8
      ),
    ])
  func counts(keys: String, parameters: Int, kvHeads: Int) throws {
    let model = try model("{\(keys)}")
    #expect(model.parameters?.value == parameters)
    #expect(model.layers.contains { $0.kvHeadCount == kvHeads })
  }

  @Test func whatAMinimalConfigurationLeavesOutIsTheLibrarys() throws {
    let model = try model(
      #"{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34}}"#
    )
    #expect(model.layers.count == 34)
    #expect(model.layers[0].headCount == 8)
    #expect(model.layers[0].kvHeadCount == 4)
    #expect(model.layers[0].keyLength == 256)
    #expect(model.shape.contextLength == 131_072)
  }

  @Test(
    "what no model has is refused",
    arguments: [
      #""num_hidden_layers": 513"#, #""num_hidden_layers": 0"#, #""num_attention_heads": -1"#,
      #""num_key_value_heads": 0"#, #""hidden_size": -4096"#, #""num_key_value_heads": 64"#,
    ])
  func impossible(key: String) {
    #expect(throws: ModelError.self) { try model(#"{"model_type": "llama", \#(key)}"#) }
  }

  /// Layers and experts of a form that the library's usual configuration of the family does not have.
  @Test(
    "what the usual configuration lacks is counted where it is stated",
    arguments: [
      (#""model_type": "qwen3_moe", "num_experts": 8, "mlp_only_layers": [0, 2]"#, "mlp.gate_proj.weight", 2),
      (#""model_type": "qwen3_moe", "num_experts": 8, "decoder_sparse_step": 3"#, "mlp.gate_proj.weight", 16),
      (#""model_type": "deepseek_v2", "first_k_dense_replace": 3"#, "mlp.gate_proj.weight", 3),
      (#""model_type": "mistral4", "first_k_dense_replace": 2"#, "mlp.down_proj.weight", 2),
      (#""model_type": "llama4_text""#, "feed_forward.router.weight", 48),
      (#""model_type": "nemotron_h", "moe_latent_size": 1024"#, "fc1_latent_proj.weight", 6),
    ])
  func statedForms(keys: String, ending: String, count: Int) throws {
    let config = try JSONValue(parsing: Array("{\(keys)}".utf8).span.bytes)
    let tensors = try #require(BlueprintTensors(Blueprint.completed(config))).tensors
    #expect(tensors.count { $0.name.hasSuffix(ending) } == count)
  }

  /// mamba-130m and mamba-2.8b, as their checkpoints count them.
  @Test(arguments: [
    (#""hidden_size": 768, "num_hidden_layers": 24"#, 129_135_360),
    (#""hidden_size": 2560, "num_hidden_layers": 64, "time_step_rank": "auto""#, 2_768_345_600),
  ])
  func mambasInnerWidthFollowsItsWidth(keys: String, parameters: Int) throws {
    #expect(try model(#"{"model_type": "mamba", "vocab_size": 50280, \#(keys)}"#).parameters?.value == parameters)
  }

  @Test func aTableThatKnowsNoSuchLayersGivesWay() throws {
    func passes(_ text: String) throws -> Bool {
      Blueprint.passesOver(try JSONValue(parsing: Array(text.utf8).span.bytes))
    }
    #expect(try passes(#"{"model_type": "llama", "first_k_dense_replace": 3}"#))
    #expect(try passes(#"{"model_type": "qwen3_moe", "moe_latent_size": 512}"#))
    #expect(try !passes(#"{"model_type": "llama", "first_k_dense_replace": 0, "moe_latent_size": null}"#))
    #expect(try !passes(#"{"model_type": "deepseek_v2", "first_k_dense_replace": 3}"#))
    #expect(try !passes(#"{"model_type": "qwen3_moe", "mlp_only_layers": [1]}"#))
  }

  @Test func aConfigurationWithoutLayersIsRefused() {
    #expect(throws: ModelError.self) { try model(#"{"model_type": "something_new", "hidden_size": 4096}"#) }
  }

  @Test func anUnknownFamilyIsTakenAsAPlainDecoderAndSaysSo() throws {
    let model = try model(
      #"{"model_type": "something_new", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "#
        + #""num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192}"#
    )
    #expect(model.parameters?.value == 8_030_261_248)
    #expect(model.warnings.contains { $0.code == .unknownArchitecture && $0.message.contains("unknown architecture") })
  }

  @Test func aNameIsNoPath() {
    #expect(Blueprint.named("../../../etc/passwd") == nil)
    #expect(Blueprint.named("") == nil)
    #expect(Blueprint.named("llama") != nil)
  }

  @Test(
    arguments: [
      ("2*a+b//3", 13.0), ("(a+b)*2", 28), ("int(a/3)", 1), ("ceil(b/4)", 3), ("x", nil), ("a//0", nil), ("a+", nil),
      ("part.c-a", 3),
    ] as [(String, Double?)])
  func expressions(text: String, value: Double?) {
    #expect(KeyExpression.value(text) { ["a": 5, "b": 9, "part.c": 8][$0] } == value)
  }

  /// Every configuration that the reference data has, whole and with each key left out in turn.
  @Test(.enabled(if: SharedData.has("truth/hf-configs.jsonl"), "the reference data is absent"))
  func theLibrarysOwnConfigurationsCountExactly() throws {
    let path = try #require(SharedData.root) + "/truth/hf-configs.jsonl"
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let row = try JSONValue(parsing: Array(line.utf8).span.bytes)
      let type = try #require(row["model_type"]?.string)
      let config = try #require(row["config"])
      let stated = try #require(row["parameters"]?.int)
      var parts = CheckpointParts(path: type, format: .config)
      parts.config = config
      let count = try #require(CheckpointModel(parts: parts).model().parameters?.value, "\(type)")
      #expect(abs(Double(count) / Double(stated) - 1) <= 0.005, "\(type): \(count) of \(stated)")
      for key in try #require(config.object).keys where key != "model_type" {
        try knockOut(key, of: config, type, stated)
      }
    }
  }

  /// A key that is missing is the library's default, or the model is refused; it is never taken as 0.
  private func knockOut(_ key: String, of config: JSONValue, _ type: String, _ stated: Int) throws {
    var members = try #require(config.object)
    members[key] = nil
    var parts = CheckpointParts(path: type, format: .config)
    parts.config = .object(members)
    guard let model = try? CheckpointModel(parts: parts).model(), let count = model.parameters?.value else { return }
    let isWarned = !model.warnings.isEmpty
    // The rows are the library's own defaults: what is left out is put in again.
    #expect(isWarned || Double(count) > 0.97 * Double(stated), "\(type) without \(key): \(count) of \(stated)")
  }
}
