import Fixtures
import Testing
import Units

@testable import Models

/// What a header leaves out is not 0: each key was taken in turn from a real file, and llama-server started with it.
@Suite struct GGUFRequirementsTests {
  private static let whole: [String: GGUFValue] = [
    "general.architecture": .string("llama"), "llama.block_count": .integer(1), "llama.context_length": .integer(2048),
    "llama.embedding_length": .integer(256), "llama.feed_forward_length": .integer(512),
    "llama.attention.head_count": .integer(4), "llama.attention.head_count_kv": .integer(2),
    "llama.attention.layer_norm_rms_epsilon": .number(1e-5), "tokenizer.ggml.model": .string("llama"),
    "tokenizer.ggml.tokens": .array(GGUFArray(count: 320, offset: 0, byteCount: 0)),
  ]

  private static let tensors = [
    ("attn_norm", [256]), ("attn_q", [256, 256]), ("attn_k", [256, 128]), ("attn_v", [256, 128]),
    ("ffn_gate", [256, 512]), ("ffn_up", [256, 512]), ("ffn_down", [512, 256]),
  ].map { name, dimensions in
    GGUFTensor(name: "blk.0.\(name).weight", dimensions: dimensions, type: GGUFType.all[0], offset: 0, byteCount: 0)
  }

  private func warning(without key: String?) -> Reason? {
    var metadata = Self.whole
    if let key { metadata[key] = nil }
    var keys = Hyperparameters(architecture: "llama")
    for (name, value) in metadata where name.hasPrefix("llama.") {
      keys.numbers[String(name.dropFirst(6))] = value.number
    }
    return GGUFRequirements(metadata: metadata, tensors: Self.tensors, keys: keys).warning()
  }

  @Test func aWholeHeaderIsNotWarnedOf() { #expect(warning(without: nil) == nil) }

  @Test(
    "a missing dimension is refused",
    arguments: [
      "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
      "attention.head_count_kv",
    ])
  func dimension(key: String) {
    let found = warning(without: "llama." + key)
    #expect(found?.code == .missingKey)
    #expect(found?.message.contains("llama.\(key)") == true)
  }

  @Test(
    "what only loading needs is a warning",
    arguments: ["llama.attention.layer_norm_rms_epsilon", "tokenizer.ggml.model", "tokenizer.ggml.tokens"])
  func forLoading(key: String) {
    let found = warning(without: key)
    #expect(found?.code == .incompleteHeader)
    #expect(found?.message.contains(key) == true)
  }

  /// Every head has its own keys where `head_count_kv` is left out, and the tensors may say so.
  @Test func oneKeyForEachHeadNeedsNoKey() {
    var keys = Hyperparameters(architecture: "llama")
    for (name, value) in Self.whole where name.hasPrefix("llama.") && !name.hasSuffix("_kv") {
      keys.numbers[String(name.dropFirst(6))] = value.number
    }
    let tensors = Self.tensors.map { tensor in
      var tensor = tensor
      if tensor.name.hasSuffix("attn_k.weight") { tensor.dimensions = [256, 256] }
      return tensor
    }
    #expect(GGUFRequirements(metadata: Self.whole, tensors: tensors, keys: keys).warning() == nil)
  }

  @Test func unknownHeadsAreNoLayerWithoutHeads() throws {
    let config = #"{"model_type": "zorblax", "hidden_size": 256, "num_hidden_layers": 2, "intermediate_size": 512}"#
    let model = try ModelReader.read(configuration: Array(config.utf8), name: "config")
    #expect(model.layers.allSatisfy { $0.kind == .unknown })
    #expect(model.defect?.code == .missingKey)
  }
}
