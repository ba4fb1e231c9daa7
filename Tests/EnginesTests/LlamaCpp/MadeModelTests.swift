import Fixtures
import Testing
import Units

@testable import Engines
@testable import Models

/// Families of which no model's header is at hand: made headers, priced by llama.cpp 11434's own library.
@Suite("What llama.cpp allocates for made models")
struct MadeModelTests {
  struct Made: Sendable, CustomTestStringConvertible {
    var architecture: String
    var width = 1024
    var numbers: [String: UInt32] = [:]
    var ends: [String] = ["token_embd:1024x20000", "output_norm:1024", "output:1024x20000"]
    /// Tensors of each of the blocks, as `name:widthxrows`.
    var block: [String]
    var blocks: Int = 6
    var side = ""
    /// Context and slots, with what the engine allocates: cache and state, and the compute buffer where it is described.
    var allocated: [(context: Int, slots: Int, cache: Int, compute: Int?)]

    var testDescription: String { architecture }

    var model: Model {
      get throws {
        var header = GGUFBuilder(architecture: architecture)
        let keys = [
          "context_length": 8192, "embedding_length": UInt32(width), "block_count": UInt32(blocks),
          "feed_forward_length": 2816, "attention.head_count": 8,
        ]
        for (key, value) in keys.merging(numbers, uniquingKeysWith: { $1 }) {
          header.set("\(architecture).\(key)", .uint32(value))
        }
        if architecture == "deepseek4" { header.set("deepseek4.attention.compress_ratios", .int32s([0, 0, 4, 128])) }
        for tensor in ends { add(tensor, "", to: &header) }
        for index in 0..<blocks { for tensor in block { add(tensor, "\(side)blk.\(index).", to: &header) } }
        let bytes = header.build()
        return GGUFModel(headers: [try GGUFHeader(parsing: bytes.span.bytes)], files: []).model()
      }
    }

    private func add(_ text: String, _ prefix: String, to header: inout GGUFBuilder) {
      let parts = text.split(separator: ":")
      let name = parts[0].contains(".bias") ? "\(parts[0])" : "\(parts[0]).weight"
      header.add(prefix + name, parts[1].split(separator: "x").compactMap { UInt64($0) }, type: 0)
    }
  }

  private static let norms = ["attn_norm:1024", "attn_norm.bias:1024", "attn_norm_2:1024", "attn_norm_2.bias:1024"]
  private static let ownEnds = [
    "token_embd:1024x20000", "token_embd_norm:1024", "token_embd_norm.bias:1024", "output_norm:1024",
    "output_norm.bias:1024", "output:1024x20000",
  ]
  private static let mixing = [
    "time_mix_key:1024x1024", "time_mix_value:1024x1024", "time_mix_receptance:1024x1024", "time_mix_ln:1024",
    "time_mix_ln.bias:1024", "time_mix_output:1024x1024", "channel_mix_lerp_k:1024", "channel_mix_key:1024x2816",
    "channel_mix_value:2816x1024",
  ]
  private static let fed = ["ffn_norm:1024", "ffn_gate:1024x2816", "ffn_down:2816x1024", "ffn_up:1024x2816"]
  private static let attention =
    ["attn_norm:1024", "attn_rel_b:8x8"] + ["q", "k", "v", "o"].map { "attn_\($0):1024x1024" }
  private static let crossed =
    ["cross_attn_norm:1024"] + ["q", "k", "v", "o"].map { "cross_attn_\($0):1024x1024" }

  static let all = [
    Made(
      architecture: "rwkv6", numbers: ["wkv.head_size": 128], ends: ownEnds,
      block: norms + mixing + [
        "time_mix_w1:1024x320", "time_mix_w2:64x1024x5", "time_mix_lerp_x:1024", "time_mix_lerp_fused:1024x1x1x5",
        "time_mix_first:128x8", "time_mix_decay:1024", "time_mix_decay_w1:1024x128", "time_mix_decay_w2:128x1024",
        "time_mix_gate:1024x1024", "channel_mix_lerp_r:1024", "channel_mix_receptance:1024x1024",
      ],
      allocated: [(4096, 1, 3_194_880, 31_989_824), (8192, 4, 12_779_520, 35_659_840)]),
    Made(
      architecture: "rwkv7", numbers: ["wkv.head_size": 128], ends: ownEnds,
      block: norms + mixing + [
        "time_mix_w0:1024", "time_mix_w1:1024x64", "time_mix_w2:64x1024", "time_mix_a0:1024", "time_mix_a1:1024x64",
        "time_mix_a2:64x1024", "time_mix_v0:1024", "time_mix_v1:1024x64", "time_mix_v2:64x1024",
        "time_mix_g1:1024x128", "time_mix_g2:128x1024", "time_mix_lerp_fused:1024x1x1x6", "time_mix_k_k:1024",
        "time_mix_k_a:1024", "time_mix_r_k:1024",
      ],
      allocated: [(4096, 1, 3_194_880, 42_475_584), (8192, 4, 12_779_520, 46_145_600)]),
    Made(
      architecture: "t5", ends: ["token_embd:1024x20000", "dec.output_norm:1024", "output:1024x20000"],
      block: attention + crossed + fed, side: "dec.", allocated: [(4096, 1, 100_663_296, 274_745_344)]),
    Made(
      architecture: "t5encoder", ends: ["token_embd:1024x20000", "enc.output_norm:1024"],
      block: attention + fed, side: "enc.", allocated: [(4096, 1, 100_663_296, 39_331_840)]),
    Made(
      architecture: "deepseek4", width: 512,
      numbers: [
        "attention.head_count_kv": 1, "attention.key_length": 64, "attention.value_length": 64,
        "attention.sliding_window": 1024, "attention.indexer.key_length": 128,
      ],
      block: ["attn_norm:512"], blocks: 4, allocated: [(4096, 1, 1_302_528, nil)]),
  ]

  @Test("caches, states and compute buffers are those that the engine allocates", arguments: all)
  func allocated(made: Made) throws {
    let memory = LlamaMemory(try made.model)
    for row in made.allocated {
      var settings = EngineSettings()
      settings.kvUnified = true
      settings.flashAttention = row.slots == 1
      settings.outputRows = row.slots
      let kvType = row.slots == 1 ? KVCacheType() : KVCacheType(key: "q8_0", value: "f16")
      let needs = try memory.needs(
        contextLength: row.context, sequences: row.slots, kvType: kvType, settings: settings
      ).get()
      #expect((needs.cacheTotal + needs.stateTotal).bytes == row.cache)
      if let compute = row.compute { #expect(needs.compute.value.bytes == compute) }
    }
  }
}
