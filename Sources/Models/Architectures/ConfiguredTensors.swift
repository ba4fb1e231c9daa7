import Units

/// The tensors that a checkpoint of a bare `config.json` must have, from the shapes that it states.
///
/// Names are those of the transformers library, so that everything that reads a checkpoint's tensors reads these too.
/// Experts stand stacked in one tensor for each matrix.
struct ConfiguredTensors {
  private let model: Model
  private let config: ConfigKeys
  private let width: Int
  private(set) var tensors: [Tensor] = []

  /// Lists the tensors; nil where the architecture is not known or stores weights in ways of its own.
  init?(_ model: Model, _ config: ConfigKeys) {
    guard !Self.peculiar.contains(model.architecture), model.shape.embeddingLength > 0, model.shape.vocabularySize > 0,
      !model.layers.isEmpty, model.isArchitectureKnown || Self.isPlain(model)
    else { return nil }
    self.model = model
    self.config = config
    width = model.shape.embeddingLength
    if model.architecture == "bert" {
      addEncoder()
      return
    }
    add("model.embed_tokens.weight", [width, model.shape.vocabularySize])
    for (index, layer) in model.layers.enumerated() where !layer.isNextTokenPrediction { addBlock(index, layer) }
    add("model.norm.weight", [width])
    if !model.shape.hasTiedEmbeddings { add("lm_head.weight", [width, model.shape.vocabularySize]) }
    addVision()
  }

  /// True where every layer has heads and a feed-forward part, so that an unknown family can be taken as a plain decoder.
  private static func isPlain(_ model: Model) -> Bool {
    model.layers.allSatisfy {
      $0.headCount > 0 && $0.kvHeadCount > 0 && $0.keyLength > 0 && ($0.feedForwardLength > 0 || $0.experts != nil)
    }
  }

  /// Families with per-layer embeddings, token shifts or two stacks, which no general rule covers.
  private static let peculiar: Set<String> = [
    "gemma3n", "gemma4", "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7", "t5", "t5encoder", "modern-bert", "deci",
    "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "wavtokenizer-dec", "deepseek4", "kimi-k3",
    "plamo2", "plamo3", "arctic", "minimax-01", "bailingmoe3", "openelm",
  ]

  /// Families whose feed-forward blocks have two matrices.
  private static let ungated: Set<String> = [
    "gpt2", "gptneox", "gptj", "phi2", "starcoder", "starcoder2", "falcon", "bloom", "mpt", "nemotron",
    "nemotron_h", "nemotron_h_moe", "codeshell", "jais", "arcee", "apertus",
  ]

  private mutating func add(_ name: String, _ dimensions: [Int]) {
    guard dimensions.allSatisfy({ $0 > 0 }) else { return }
    tensors.append(Tensor(name: name, dimensions: dimensions, type: "BF16", bytes: .zero))
  }

  private mutating func addBlock(_ index: Int, _ layer: Layer) {
    let block = "model.layers.\(index)."
    add(block + "input_layernorm.weight", [width])
    switch layer.kind {
    case .none, .unknown: break
    case .recurrent: addState(block)
    case .hybrid:
      addState(block)
      addAttention(block, layer)
    case .full, .sliding, .chunked, .latent, .sparse:
      if extra("attention.kv_lora_rank") > 0 { addLatent(block, layer) } else { addAttention(block, layer) }
    }
    addFeedForward(block, layer)
  }

  /// BERT and RoBERTa: absolute positions, kinds of segments, norms after each half, and the pooler.
  private mutating func addEncoder() {
    add("embeddings.word_embeddings.weight", [width, model.shape.vocabularySize])
    add("embeddings.position_embeddings.weight", [width, model.shape.contextLength])
    add("embeddings.token_type_embeddings.weight", [width, config.int("type_vocab_size") ?? 2])
    addNorm("embeddings.LayerNorm")
    for (index, layer) in model.layers.enumerated() {
      let block = "encoder.layer.\(index)."
      for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
        addLinear(block + name, width, width)
      }
      addNorm(block + "attention.output.LayerNorm")
      addLinear(block + "intermediate.dense", width, layer.feedForwardLength)
      addLinear(block + "output.dense", layer.feedForwardLength, width)
      addNorm(block + "output.LayerNorm")
    }
    addLinear("pooler.dense", width, width)
  }

  private mutating func addLinear(_ name: String, _ inputs: Int, _ outputs: Int) {
    add(name + ".weight", [inputs, outputs])
    add(name + ".bias", [outputs])
  }

  private mutating func addNorm(_ name: String) {
    add(name + ".weight", [width])
    add(name + ".bias", [width])
  }

  private func extra(_ key: String) -> Int { Int(model.shape.extras[key] ?? 0) }

  private mutating func addAttention(_ block: String, _ layer: Layer) {
    // These families put a gate on the attention's output, which comes out of the query's matrix.
    let isGated = ["qwen3next", "qwen35", "qwen35moe"].contains(model.architecture)
    let query = layer.headCount * layer.keyLength
    let (key, value) = (layer.kvHeadCount * layer.keyLength, layer.kvHeadCount * layer.valueLength)
    let output = layer.headCount * (layer.valueLength > 0 ? layer.valueLength : layer.keyLength)
    add(block + "self_attn.q_proj.weight", [width, isGated ? 2 * query : query])
    add(block + "self_attn.k_proj.weight", [width, key])
    add(block + "self_attn.v_proj.weight", [width, value])
    add(block + "self_attn.o_proj.weight", [output, width])
    let hasBias = config.text["attention_bias"]?.bool ?? ["qwen2", "qwen2moe", "qwen2vl"].contains(model.architecture)
    if hasBias {
      add(block + "self_attn.q_proj.bias", [query])
      add(block + "self_attn.k_proj.bias", [key])
      add(block + "self_attn.v_proj.bias", [value])
    }
    if ["qwen3", "gemma3", "olmo2"].contains(where: { model.architecture.hasPrefix($0) }) || isGated {
      add(block + "self_attn.q_norm.weight", [layer.keyLength])
      add(block + "self_attn.k_norm.weight", [layer.keyLength])
    }
    if model.architecture == "gpt-oss" { add(block + "self_attn.sinks", [layer.headCount]) }
  }

  /// Multi-head latent attention, with the indexer's matrices where there is one.
  private mutating func addLatent(_ block: String, _ layer: Layer) {
    let (rank, rope) = (extra("attention.kv_lora_rank"), extra("rope.dimension_count"))
    let (key, value) = (extra("attention.key_length_mla"), extra("attention.value_length_mla"))
    let queryRank = extra("attention.q_lora_rank")
    if queryRank > 0 {
      add(block + "self_attn.q_a_proj.weight", [width, queryRank])
      add(block + "self_attn.q_a_layernorm.weight", [queryRank])
      add(block + "self_attn.q_b_proj.weight", [queryRank, layer.headCount * key])
    } else {
      add(block + "self_attn.q_proj.weight", [width, layer.headCount * key])
    }
    add(block + "self_attn.kv_a_proj_with_mqa.weight", [width, rank + rope])
    add(block + "self_attn.kv_a_layernorm.weight", [rank])
    add(block + "self_attn.kv_b_proj.weight", [rank, layer.headCount * (key - rope + value)])
    add(block + "self_attn.o_proj.weight", [layer.headCount * value, width])
    let (heads, length) = (extra("attention.indexer.head_count"), extra("attention.indexer.key_length"))
    guard heads > 0, length > 0 else { return }
    add(block + "self_attn.indexer.wq_b.weight", [queryRank > 0 ? queryRank : width, heads * length])
    add(block + "self_attn.indexer.wk.weight", [width, length])
    add(block + "self_attn.indexer.k_norm.weight", [length])
    add(block + "self_attn.indexer.weights_proj.weight", [width, heads])
  }

  private mutating func addFeedForward(_ block: String, _ layer: Layer) {
    let isGated = !Self.ungated.contains(model.architecture)
    let names = isGated ? ["gate_proj", "up_proj", "down_proj"] : ["up_proj", "down_proj"]
    if layer.kind != .none, layer.experts != nil || layer.feedForwardLength > 0 {
      add(block + "post_attention_layernorm.weight", [width])
    }
    func dimensions(_ name: String, _ inner: Int, _ outer: Int) -> [Int] {
      name == "down_proj" ? [inner, outer] : [outer, inner]
    }
    guard let experts = layer.experts else {
      for name in names {
        add(block + "mlp.\(name).weight", dimensions(name, layer.feedForwardLength, width))
      }
      return
    }
    // Some families shrink the tokens before they reach the experts.
    let inputs = model.shape.expertInputLength
    if inputs != width {
      add(block + "mlp.fc1_latent_proj.weight", [width, inputs])
      add(block + "mlp.fc2_latent_proj.weight", [inputs, width])
    }
    add(block + "mlp.gate.weight", [width, experts.count])
    for name in names {
      let matrix = dimensions(name, experts.feedForwardLength, inputs)
      add(block + "mlp.experts.\(name)", matrix + [experts.count])
    }
    let hasOneShared = ["qwen2moe", "qwen3next", "qwen35moe"].contains(model.architecture)
    let shared = hasOneShared ? "shared_expert" : "shared_experts"
    for name in names {
      add(block + "mlp.\(shared).\(name).weight", dimensions(name, experts.sharedFeedForwardLength, width))
    }
    if hasOneShared { add(block + "mlp.shared_expert_gate.weight", [width, 1]) }
  }

  private mutating func addState(_ block: String) {
    guard let state = model.shape.stateSpace else { return }
    let (inner, size, groups) = (state.innerSize, state.stateSize, state.groupCount)
    let (heads, kernel) = (state.timeStepRank, state.convolutionKernel)
    switch model.architecture {
    case "qwen3next", "qwen35", "qwen35moe":
      let keys = groups * size
      add(block + "linear_attn.in_proj_qkv.weight", [width, 2 * keys + inner])
      add(block + "linear_attn.in_proj_z.weight", [width, inner])
      add(block + "linear_attn.in_proj_a.weight", [width, heads])
      add(block + "linear_attn.in_proj_b.weight", [width, heads])
      add(block + "linear_attn.conv1d.weight", [kernel, 1, 2 * keys + inner])
      add(block + "linear_attn.out_proj.weight", [inner, width])
    case "lfm2", "lfm2moe":
      add(block + "conv.in_proj.weight", [width, 3 * width])
      add(block + "conv.conv.weight", [config.int("conv_L_cache") ?? 3, 1, width])
      add(block + "conv.out_proj.weight", [width, width])
    case "kimi-linear":
      let all = (config.text["linear_attn_config"]?["num_heads"]?.int ?? 0) * extra("kda.head_dim")
      for name in ["q_proj", "k_proj", "v_proj", "g_proj"] { add(block + "self_attn.\(name).weight", [width, all]) }
      add(block + "self_attn.o_proj.weight", [all, width])
    case "mamba", "jamba":
      // Without a stated rank the library takes a sixteenth of the width.
      let rank = heads > 0 ? heads : (width + 15) / 16
      add(block + "mixer.in_proj.weight", [width, 2 * inner])
      add(block + "mixer.conv1d.weight", [kernel, 1, inner])
      add(block + "mixer.x_proj.weight", [inner, rank + 2 * size])
      add(block + "mixer.dt_proj.weight", [rank, inner])
      add(block + "mixer.A_log", [size, inner])
      add(block + "mixer.out_proj.weight", [inner, width])
    default:
      add(block + "mixer.in_proj.weight", [width, 2 * inner + 2 * groups * size + heads])
      add(block + "mixer.conv1d.weight", [kernel, 1, inner + 2 * groups * size])
      add(block + "mixer.out_proj.weight", [inner, width])
    }
  }

  private mutating func addVision() {
    for tensor in Self.vision(config, width: width) { add(tensor.name, tensor.dimensions) }
  }

  /// The part that sees, as one tensor: a plain transformer of the stated depth, and its projection.
  static func vision(_ config: ConfigKeys, width: Int) -> [Tensor] {
    guard let vision = config.root["vision_config"] else { return [] }
    func int(_ names: String...) -> Int { names.lazy.compactMap { vision[$0]?.int }.first ?? 0 }
    let size = int("hidden_size", "embed_dim")
    guard (1...16_384).contains(size) else { return [] }
    let inner = int("intermediate_size") > 0 ? min(int("intermediate_size"), 65_536) : 4 * size
    let depth = min(max(1, int("num_hidden_layers", "depth", "layers")), 256)
    let merged = 4 * size
    return [
      Tensor(
        name: "visual.blocks.weight", dimensions: [size, depth * (4 * size + 3 * inner)], type: "BF16", bytes: .zero),
      Tensor(
        name: "visual.merger.weight", dimensions: [merged, merged + min(width, 1 << 20)], type: "BF16", bytes: .zero),
    ]
  }
}

extension ConfiguredTensors {
  /// Returns the tensors with the bytes that they have in a type of 16 or 32 bits; nil for another.
  func plain(as type: String) -> [Tensor]? { tensors.inType(type) }
}

extension [Tensor] {
  /// Returns the tensors with the bytes that they have in a type of 16 or 32 bits; nil for another.
  func inType(_ type: String) -> [Tensor]? {
    guard ["BF16", "F16", "F32"].contains(type) else { return nil }
    return map { tensor in
      var tensor = tensor
      tensor.type = type
      tensor.bytes = ByteCount(tensor.elementCount.multipliedReportingOverflow(by: type == "F32" ? 4 : 2).partialValue)
      return tensor
    }
  }
}
