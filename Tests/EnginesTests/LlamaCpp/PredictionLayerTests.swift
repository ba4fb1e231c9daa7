import Fixtures
import Testing
import Units

@testable import Engines
@testable import Models

/// Models whose last block predicts further tokens: made headers, priced by llama.cpp 11434's own library with `load_mtp`,
/// two guesses, and a context of the kind MTP beside the model's.
@Suite("Prediction layers, as llama.cpp runs them")
struct PredictionLayerTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var model: String
    var context, slots, ubatch: Int
    var flash: Bool
    /// MiB of the model's compute buffer, of that of the prediction layer, and of the states.
    var target, prediction: Double
    var states: Double?

    var testDescription: String { "\(model) \(context)/\(slots), \(ubatch), flash \(flash)" }

    init(
      _ model: String, _ context: Int, _ slots: Int, _ ubatch: Int, flash: Bool = true, target: Double,
      prediction: Double, states: Double? = nil
    ) {
      (self.model, self.context, self.slots, self.ubatch) = (model, context, slots, ubatch)
      (self.flash, self.target, self.prediction, self.states) = (flash, target, prediction, states)
    }
  }

  static let rows = [
    Row("glm-small", 8192, 1, 512, target: 34.52, prediction: 26.01),
    Row("glm-small", 8192, 2, 2048, target: 122.07, prediction: 72.05),
    Row("glm-small", 8192, 2, 512, flash: false, target: 156.01, prediction: 150.01),
    Row("glm-air", 8192, 1, 512, target: 178.02, prediction: 146.76),
    Row("glm-air", 32768, 4, 512, target: 178.02, prediction: 146.76),
    Row("glm-air", 8192, 2, 2048, target: 696.07, prediction: 600.05),
    Row("glm-air", 8192, 2, 512, flash: false, target: 868.01, prediction: 844.01),
    Row("qwen35-small", 8192, 1, 512, target: 45.02, prediction: 28.02, states: 19.27),
    Row("qwen35-small", 32768, 4, 512, target: 70.30, prediction: 28.02, states: 77.06),
    Row("qwen35-small", 8192, 2, 2048, target: 158.09, prediction: 108.07, states: 38.53),
    Row("qwen35-small", 8192, 2, 512, flash: false, target: 96.02, prediction: 90.01, states: 38.53),
    Row("qwen35-27b", 8192, 1, 512, target: 160.02, prediction: 130.02, states: 448.88),
    Row("qwen35-27b", 32768, 4, 512, target: 166.49, prediction: 130.02, states: 1795.50),
    Row("qwen35-27b", 8192, 2, 2048, target: 624.09, prediction: 504.07, states: 897.75),
    Row("qwen35-27b", 8192, 2, 512, flash: false, target: 290.02, prediction: 260.01, states: 897.75),
    Row("qwen35moe-35b", 8192, 1, 512, target: 84.02, prediction: 68.02, states: 188.44),
    Row("qwen35moe-35b", 32768, 4, 512, target: 108.40, prediction: 68.02, states: 753.75),
    Row("qwen35moe-35b", 8192, 2, 2048, target: 320.09, prediction: 260.07, states: 376.88),
    Row("qwen35moe-35b", 8192, 2, 512, flash: false, target: 182.02, prediction: 170.01, states: 376.88),
  ]

  private static func mebibytes(_ bytes: ByteCount) -> Double { Double(bytes.bytes) / 1_048_576 }

  private static var guessing: EngineSettings {
    var settings = EngineSettings()
    settings.speculation = SpeculationSettings(.predictionLayers)
    settings.speculation?.guesses = 2
    return settings
  }

  @Test("states are kept for each guess, and the prediction layer's buffer lies in its band", arguments: rows)
  func buffers(_ row: Row) throws {
    let model = try #require(MadePredictor.all[row.model]).model
    var settings = Self.guessing
    (settings.ubatch, settings.flashAttention) = (row.ubatch, row.flash)
    settings.outputRows = row.slots * 3
    let needs = try LlamaMemory(model).needs(
      contextLength: row.context, sequences: row.slots, kvType: KVCacheType(),
      settings: settings, work: .host
    )
    .get()
    let prediction = try #require(needs.prediction)
    if let states = row.states { #expect(abs(Self.mebibytes(needs.stateTotal) - states) < 0.01) }
    // One of them, a mixture with four slots, is 0.4% below the engine's.
    #expect(abs(Self.mebibytes(needs.compute.value) / row.target - 1) < 0.004)
    let (low, high) = (try #require(prediction.low), try #require(prediction.high))
    #expect(Self.mebibytes(low) <= row.prediction && row.prediction <= Self.mebibytes(high))
    let ratio = Self.mebibytes(prediction.value) / row.prediction
    #expect(ratio > 0.85 && ratio < 1.8)
  }

  @Test("the layer's tensors and its cache are counted where it guesses, and only there")
  func weights() throws {
    let model = try #require(MadePredictor.all["glm-small"]).model
    func needs(_ settings: EngineSettings) throws -> LlamaMemory.Needs {
      try LlamaMemory(model).needs(
        contextLength: 4096, sequences: 1, kvType: KVCacheType(key: "q8_0", value: "q8_0"), settings: settings
      ).get()
    }
    let (plain, guessing) = (try needs(EngineSettings()), try needs(Self.guessing))
    #expect(plain.cache.last == .zero && plain.prediction == nil)
    // 4 heads of 128, keys and values, of 16 bits whatever the model caches in.
    #expect(guessing.cache.last == ByteCount(4096 * 4 * 128 * 2 * 2))
    #expect(guessing.cache.dropLast() == plain.cache.dropLast())
    let predictor = try #require(model.predictor)
    #expect(predictor.layers.count == 1 && !predictor.tensors.isEmpty && predictor.predictionLayerCount == 0)
    #expect(predictor.tensors.allSatisfy { $0.name.hasPrefix("blk.0.") })
  }

  @Test("families without a graph for it do not guess, in any build of llama.cpp")
  func refused() throws {
    var model = try #require(MadePredictor.all["glm-small"]).model
    #expect(LlamaCpp().predicts(model) && AmpereLlamaCpp().predicts(model))
    model.architecture = "exaone-moe"
    #expect(!LlamaCpp().predicts(model) && !AmpereLlamaCpp().predicts(model))
    #expect(!MLX().predicts(model) && VLLM().predicts(model))
  }
}

/// A made model with one prediction layer behind its own.
private struct MadePredictor {
  var architecture: String
  var width, heads, keyHeads, length, feed, vocabulary, blocks: Int
  /// The width of dense blocks' feed-forward networks where experts' differ; nil where every block has experts, or none.
  var denseFeed: Int?
  var experts = 0
  var usedExperts = 0
  /// Heads of the recurrent layers' values; 0 where every layer attends.
  var valueHeads = 0
  private var isRecurrent: Bool { valueHeads > 0 }

  static let all = [
    "glm-small": MadePredictor(
      architecture: "glm4moe", width: 1024, heads: 16, keyHeads: 4, length: 128, feed: 512, vocabulary: 32_000,
      blocks: 5, denseFeed: 2816, experts: 16, usedExperts: 4),
    "glm-air": MadePredictor(
      architecture: "glm4moe", width: 4096, heads: 96, keyHeads: 8, length: 128, feed: 1408, vocabulary: 151_552,
      blocks: 46, denseFeed: 10_944, experts: 128, usedExperts: 8),
    "qwen35-small": MadePredictor(
      architecture: "qwen35", width: 1024, heads: 8, keyHeads: 2, length: 256, feed: 3584, vocabulary: 151_936,
      blocks: 8, valueHeads: 16),
    "qwen35-27b": MadePredictor(
      architecture: "qwen35", width: 5120, heads: 24, keyHeads: 4, length: 256, feed: 17_408, vocabulary: 248_320,
      blocks: 64, valueHeads: 48),
    "qwen35moe-35b": MadePredictor(
      architecture: "qwen35moe", width: 2048, heads: 16, keyHeads: 2, length: 256, feed: 512, vocabulary: 248_320,
      blocks: 40, experts: 256, usedExperts: 8, valueHeads: 32),
  ]

  private static let stateLength = 128
  private static let stateGroups = 16

  var model: Model {
    get throws {
      var header = GGUFBuilder(architecture: architecture)
      for (key, value) in keys { header.set("\(architecture).\(key)", .uint32(UInt32(value))) }
      if isRecurrent { header.set("\(architecture).rope.dimension_sections", .int32s([11, 11, 10, 0])) }
      var tensors = [
        ("token_embd.weight", [width, vocabulary]), ("output_norm.weight", [width]),
        ("output.weight", [width, vocabulary]),
      ]
      for block in 0...blocks {
        let attends = !isRecurrent || block == blocks || (block + 1) % 4 == 0
        let parts = (attends ? attention : recurrent) + feedForward(block)
        tensors += parts.map { ("blk.\(block).\($0.0)", $0.1) }
      }
      tensors += [
        ("eh_proj", [2 * width, width]), ("enorm", [width]), ("hnorm", [width]), ("shared_head_norm", [width]),
      ]
      .map { ("blk.\(blocks).nextn.\($0.0).weight", $0.1) }
      for (name, extents) in tensors {
        header.add(name, extents.map { UInt64($0) }, type: extents.count == 1 ? 0 : 1)
      }
      let bytes = header.build()
      return GGUFModel(headers: [try GGUFHeader(parsing: bytes.span.bytes)], files: []).model()
    }
  }

  private var keys: [(String, Int)] {
    var keys = [
      ("block_count", blocks + 1), ("context_length", 131_072), ("embedding_length", width),
      ("feed_forward_length", denseFeed ?? feed), ("attention.head_count", heads),
      ("attention.head_count_kv", keyHeads), ("attention.key_length", length), ("attention.value_length", length),
      ("rope.dimension_count", length / 4), ("nextn_predict_layers", 1), ("vocab_size", vocabulary),
    ]
    if experts > 0 {
      keys += [
        ("expert_count", experts), ("expert_used_count", usedExperts), ("expert_feed_forward_length", feed),
        ("expert_shared_feed_forward_length", feed), ("expert_shared_count", 1),
        ("leading_dense_block_count", denseFeed == nil ? 0 : 1), ("expert_gating_func", 2),
      ]
    }
    if isRecurrent {
      keys += [
        ("ssm.conv_kernel", 4), ("ssm.inner_size", Self.stateLength * valueHeads),
        ("ssm.state_size", Self.stateLength), ("ssm.time_step_rank", valueHeads),
        ("ssm.group_count", Self.stateGroups), ("full_attention_interval", 4),
      ]
    }
    return keys
  }

  private var attention: [(String, [Int])] {
    let gated = isRecurrent ? 2 : 1
    return [
      ("attn_norm.weight", [width]), ("attn_q.weight", [width, heads * length * gated]),
      ("attn_k.weight", [width, keyHeads * length]), ("attn_v.weight", [width, keyHeads * length]),
      ("attn_output.weight", [heads * length, width]), ("post_attention_norm.weight", [width]),
      ("attn_q_norm.weight", [length]), ("attn_k_norm.weight", [length]),
    ]
  }

  private var recurrent: [(String, [Int])] {
    let (keys, values) = (Self.stateLength * Self.stateGroups, Self.stateLength * valueHeads)
    return [
      ("attn_norm.weight", [width]), ("post_attention_norm.weight", [width]),
      ("attn_qkv.weight", [width, 2 * keys + values]), ("attn_gate.weight", [width, values]),
      ("ssm_conv1d.weight", [4, 2 * keys + values]), ("ssm_dt.bias", [valueHeads]), ("ssm_a", [valueHeads]),
      ("ssm_beta.weight", [width, valueHeads]), ("ssm_alpha.weight", [width, valueHeads]),
      ("ssm_norm.weight", [Self.stateLength]), ("ssm_out.weight", [values, width]),
    ]
  }

  private func feedForward(_ block: Int) -> [(String, [Int])] {
    if experts == 0 || (denseFeed != nil && block == 0) {
      let wide = denseFeed ?? feed
      return [
        ("ffn_gate.weight", [width, wide]), ("ffn_up.weight", [width, wide]), ("ffn_down.weight", [wide, width]),
      ]
    }
    var parts = [
      ("ffn_gate_inp.weight", [width, experts]), ("ffn_gate_exps.weight", [width, feed, experts]),
      ("ffn_up_exps.weight", [width, feed, experts]), ("ffn_down_exps.weight", [feed, width, experts]),
      ("ffn_gate_shexp.weight", [width, feed]), ("ffn_up_shexp.weight", [width, feed]),
      ("ffn_down_shexp.weight", [feed, width]),
    ]
    parts.append(isRecurrent ? ("ffn_gate_inp_shexp.weight", [width]) : ("exp_probs_b.bias", [experts]))
    return parts
  }
}
