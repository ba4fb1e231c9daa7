import Fixtures
import Testing
import Units

@testable import Engines
@testable import Models

/// Prediction layers that converters to GGUF drop and checkpoints have, as vLLM loads them.
@Suite("Prediction layers of checkpoints")
struct VLLMPredictionTests {
  private func model(predicting layers: Int?) throws -> Model {
    let count = layers.map { ", \"num_nextn_predict_layers\": \($0)" } ?? ""
    var parts = CheckpointParts(path: "config.json", format: .config)
    let config = """
      {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 1024,
       "num_hidden_layers": 8, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 32000,
       "intermediate_size": 4096, "moe_intermediate_size": 512, "n_routed_experts": 16, "num_experts_per_tok": 4,
       "n_shared_experts": 1, "first_k_dense_replace": 1, "kv_lora_rank": 128, "q_lora_rank": 256,
       "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "max_position_embeddings": 32768,
       "torch_dtype": "bfloat16"\(count)}
      """
    parts.config = try JSONValue(parsing: Array(config.utf8).span.bytes)
    return try CheckpointModel(parts: parts).model()
  }

  @Test("a block that no file describes is like the last, with a matrix before it")
  func predictor() throws {
    let plain = try model(predicting: nil)
    #expect(plain.predictionLayerCount == 0 && plain.predictor == nil)
    let one = try model(predicting: 1)
    #expect(one.predictionLayerCount == 1)
    #expect(one.layers == plain.layers && one.parameters == plain.parameters)
    let predictor = try #require(one.predictor)
    let last = one.tensors.filter { $0.name.contains(".7.") }
    let bytes = last.reduce(ByteCount.zero) { $0 + $1.bytes } + ByteCount(2 * 1024 * 1024 * 2)
    #expect(predictor.tensors.reduce(ByteCount.zero) { $0 + $1.bytes } == bytes && !last.isEmpty)
  }

  @Test("they take weights and cache where they guess")
  func pages() throws {
    let model = try model(predicting: 1)
    var conditions = VLLMPages.Conditions(
      blockTokens: 16, cacheElementBytes: 2, modelElementBytes: 2, tensorParallel: 1, contextLength: 4096)
    #expect(VLLMPages(model, conditions)?.layersPerGroup == 8)
    conditions.usesPredictionLayers = true
    #expect(VLLMPages(model, conditions)?.layersPerGroup == 9)
    // A draft of as many bytes for each token as three of the model's layers takes three more.
    conditions.usesPredictionLayers = false
    var draft = model
    draft.layers = Array(model.layers.prefix(3))
    conditions.draft = draft
    #expect(VLLMPages(model, conditions)?.layersPerGroup == 11)
  }
}
