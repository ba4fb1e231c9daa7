import Models

/// The traits of each decoder family, from llama.cpp's `src/models`.
enum LlamaArchitectureTraits {
  /// Families whose batches are either tokens or vectors, never both.
  static let withoutMixedBatches: Set<String> = [
    "cogvlm", "deepseek4", "granite-switch", "eagle3", "dflash", "gemma4-assistant",
  ]
  /// Families whose recurrent states can be taken back by some tokens (`llm_arch_supports_rs_rollback`, 11434).
  static let keepsEarlierStates: Set<String> = [
    "kimi-k3", "qwen35", "qwen35moe", "qwen4exp", "deepseek4", "glm5-next", "nemotron_h", "nemotron_h_moe", "lfm2",
    "lfm2moe", "bailingmoe3",
  ]
  /// Families whose prediction layers llama.cpp runs (`LLM_GRAPH_TYPE_DECODER_MTP`, 11434).
  static let predicts: Set<String> = [
    "deepseek2", "deepseek32", "deepseek4", "qwen3next", "qwen35", "qwen35moe", "qwen4exp", "step35", "glm5-next",
    "bailingmoe3", "cohere2moe", "nemotron_h_moe", "hy_v3", "glm-dsa", "glm4moe", "mimo2",
  ]
  /// Families whose latent attention reads what an indexer chose.
  static let sparseLatent: Set<String> = ["deepseek32", "glm-dsa"]
  /// Families whose rotary positions have several axes.
  static let multiAxisRotary: Set<String> = [
    "qwen2vl", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe", "paddleocr", "qwen3tts", "qwen4exp",
  ]

  /// True where a token's position is stored as four numbers: some families choose it by the header's sections.
  static func hasMultiAxisRotary(_ model: Model) -> Bool {
    if multiAxisRotary.contains(model.architecture) { return true }
    return sectionedRotary.contains(model.architecture) && model.shape.extras["rope.dimension_sections"] != nil
  }

  private static let sectionedRotary: Set<String> = ["glm4", "glm4moe", "hunyuan_vl", "bailingmoe3"]

  /// Families whose graph is described as llama.cpp 11434 builds it; each was held against the engine's own figures.
  static let described: Set<String> = [
    "afmoe", "apertus", "arcee", "arctic", "arwkv7", "baichuan", "bailingmoe", "bailingmoe2", "bert", "bitnet", "bloom",
    "chameleon",
    "chatglm", "codeshell", "cohere2", "cohere2moe", "command-r", "dbrx", "deci", "deepseek", "deepseek2",
    "deepseek32", "dots1", "dream", "ernie4_5", "ernie4_5-moe", "eurobert", "exaone", "exaone-moe", "exaone4",
    "falcon", "falcon-h1", "gemma", "gemma-embedding", "gemma2", "gemma3", "gemma3n", "gemma4", "glm-dsa", "glm4",
    "glm4moe", "gpt-oss", "gpt2", "gptneox", "granite", "granite_swa", "granitehybrid", "granitemoe", "grok",
    "grovemoe", "hunyuan-dense", "hunyuan-moe", "hunyuan_vl", "hy_v3", "internlm2", "jais", "jais2", "jamba",
    "jina-bert-v2", "jina-bert-v3", "kimi-linear", "laguna", "lfm2", "lfm2moe", "llada", "llada-moe", "llama",
    "llama-embed", "llama4", "maincoder", "mamba", "mamba2", "maple", "mellum", "mimo2", "minicpm", "minicpm3",
    "minimax-m2", "mistral3", "mistral4", "modern-bert", "mpt", "muse-glimmer", "nanbeige", "nemotron", "nemotron_h",
    "nemotron_h_moe", "neo-bert", "nomic-bert", "nomic-bert-moe", "olmo", "olmo2", "olmoe", "openelm", "orion",
    "paddleocr", "pangu-embedded", "phi2", "phi3", "phimoe", "plamo", "plamo2", "plamo3", "plm", "pockettts", "qwen",
    "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen35", "qwen35moe", "qwen3moe", "qwen3next", "qwen3tts", "qwen3vl",
    "qwen3vlmoe", "refact", "rnd1", "rwkv6", "rwkv6qwen2", "rwkv7", "seed_oss", "smallthinker", "smollm3", "spark2_5",
    "stablelm", "starcoder",
    "starcoder2", "step35", "t5", "t5encoder", "talkie", "xverse",
  ]

  /// Families of the BERT kind.
  static let encoders: Set<String> = ["bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3"]

  /// Returns how many elementwise operations cap the attention scores, without flash attention.
  static func scoreCaps(_ facts: LlamaModelFacts) -> Int {
    switch facts.model.architecture {
    case "grok": 3
    case "gemma2": 3
    default: 0
    }
  }

  /// Returns the traits of a model's family; those of a plain llama for one that is not known.
  static func traits(_ facts: LlamaModelFacts) -> DecoderTraits {
    var traits = DecoderTraits()
    traits.routing.scales = ![nil, 0, 1].contains(facts.number("expert_weights_scale"))
    applyAttention(&traits, facts)
    applyBlocks(&traits, facts)
    applyRouting(&traits, facts)
    applyEnds(&traits, facts)
    return traits
  }

  private static func applyAttention(_ traits: inout DecoderTraits, _ facts: LlamaModelFacts) {
    switch facts.model.architecture {
    case "phi2", "phi3", "phimoe", "gemma", "gemma2", "gemma3", "gemma-embedding":
      traits.scalesQuery = true
    case "olmo2", "olmoe", "minimax-m2":
      traits.queryKeyNorm = .flat
    case "hunyuan-moe", "hunyuan-dense", "hunyuan_vl", "maincoder":
      traits.queryKeyNorm = .headsAfterRotary
    case "llama4":
      traits.plainQueryKeyNorm = facts.integer("expert_count") != 128
      traits.scalesByPosition = true
      traits.rotary = .allButEach(step: 4)
    case "smollm3":
      traits.rotary = .allButEach(step: 4)
    case "smallthinker", "cohere2", "cohere2moe", "exaone4", "exaone-moe", "afmoe", "muse-glimmer", "spark2-5":
      traits.rotary = facts.hasSlidingCache ? .slidingOnly : .all
    case "command-r", "stablelm", "chameleon":
      traits.queryKeyNormKind = .layer
    default: break
    }
    switch facts.model.architecture {
    case "baichuan" where facts.model.layers.count != 32: traits.rotary = .none
    case "starcoder", "gpt2", "bloom", "mpt", "refact", "jais", "jamba", "nemotron_h", "nemotron_h_moe":
      traits.rotary = .none
    default: break
    }
  }

  private static func applyBlocks(_ traits: inout DecoderTraits, _ facts: LlamaModelFacts) {
    switch facts.model.architecture {
    case "phi2":
      traits.residual = .parallelFeedForwardSecond
    case "falcon", "plamo":
      traits.residual = .parallelAttentionFirst
    case "command-r", "cohere2", "cohere2moe":
      traits.residual = .parallelStreamFirst
    case "gptneox":
      traits.residual = facts.isSet("use_parallel_residual") ? .parallelOwnNorm : .sequential
    case "olmo2", "exaone4":
      traits.attentionNorm = nil
      traits.feedForwardNorm = nil
    case "glm4moe", "gpt-oss", "seed_oss", "qwen3next", "qwen35", "qwen35moe":
      traits.attentionResultNorm = nil
      traits.feedForwardNorm = "post_attention_norm"
    case "chameleon" where facts.isSet("swin_norm"):
      (traits.attentionNorm, traits.attentionResultNorm) = (nil, "attn_norm")
      (traits.feedForwardNorm, traits.feedForwardResultNorm) = (nil, "ffn_norm")
    case "dbrx":
      traits.attentionResultNorm = nil
      traits.feedForwardNorm = "attn_output_norm"
    case "grok":
      traits.attentionResultNorm = "attn_output_norm"
      traits.feedForwardResultNorm = "layer_output_norm"
    default: break
    }
    switch facts.model.architecture {
    case "phi2", "falcon", "starcoder", "starcoder2", "gptneox", "gpt2", "bloom", "mpt", "codeshell", "stablelm",
      "orion",
      "nemotron", "jais", "jais2", "dbrx", "command-r", "cohere2", "olmo", "modern-bert":
      traits.norm = .layer
    default: break
    }
    switch facts.model.architecture {
    case "phi3", "glm4", "chatglm", "plamo3", "modern-bert", "neo-bert": traits.activation = .halves
    case "nemotron", "arcee", "jais2", "plm", "nemotron_h", "nemotron_h_moe": traits.activation = .squared
    default: break
    }
    switch facts.model.architecture {
    case "jamba": (traits.joinsStreamFirst, traits.addsStreamFirst) = (true, true)
    case "phi3", "phimoe": traits.addsStreamFirst = true
    case "lfm2", "lfm2moe": (traits.joinsStreamFirst, traits.addsStreamFirst) = (true, true)
    case "openelm": traits.joinsStreamFirst = true
    case "mamba", "mamba2", "nemotron_h", "nemotron_h_moe": traits.hasFeedForward = false
    case "qwen3next": (traits.gatesQueries, traits.reshapesGatedQueries) = (true, true)
    case "qwen35", "qwen35moe": traits.gatesQueries = true
    default: break
    }
    traits.scalesResiduals =
      ["granite", "granitemoe", "granitehybrid", "minicpm"].contains(facts.model.architecture)
      && facts.isSet("residual_scale")
  }

  private static func applyRouting(_ traits: inout DecoderTraits, _ facts: LlamaModelFacts) {
    let stated = facts.isSet("expert_weights_norm")
    switch facts.integer("expert_gating_func") {
    case 2: traits.routing.gate = .sigmoid
    case 3: traits.routing.gate = .softmaxOfWeights
    case 4: traits.routing.gate = .squareRootSoftplus
    default: break
    }
    switch facts.model.architecture {
    case "olmoe", "deepseek", "qwen2moe", "jamba": traits.routing.normalizes = false
    case "deepseek2", "dots1", "bailingmoe", "bailingmoe2", "cohere2moe", "step35", "exaone-moe", "afmoe", "deepseek32":
      traits.routing.normalizes = stated
    case "glm4moe", "glm-dsa":
      traits.routing.normalizes = stated
      if facts.integer("expert_gating_func") == nil { traits.routing.gate = .sigmoid }
    case "llama4":
      traits.routing.gate = .sigmoid
      traits.routing.normalizes = false
      traits.routing.weighsInput = true
    case "gpt-oss":
      traits.routing.gate = .softmaxOfWeights
      traits.routing.normalizes = false
    default: break
    }
    switch facts.model.architecture {
    case "qwen2moe": traits.sharedGate = .silu
    case "qwen3next", "qwen35moe": traits.sharedGate = .sigmoid
    case "hunyuan-moe": traits.sharedFirst = true
    case "smallthinker": traits.routesByStream = true
    default: break
    }
  }

  private static func applyEnds(_ traits: inout DecoderTraits, _ facts: LlamaModelFacts) {
    switch facts.model.architecture {
    case "gemma", "gemma2": traits.embeddingScale = .whole
    case "gemma3", "gemma-embedding": traits.embeddingScale = .rows
    default: break
    }
    switch facts.model.architecture {
    case "gemma2": traits.logitOperations = 3
    case "gemma3": traits.logitOperations = facts.isSet("final_logit_softcapping") ? 3 : 0
    case "command-r", "cohere2", "cohere2moe", "granite", "granitemoe", "granitehybrid", "minicpm":
      traits.logitOperations = facts.isSet("logit_scale") ? 1 : 0
    // The tokens of images, 4 to 8195.
    case "chameleon": traits.suppressedTokens = 8192
    case "grok": traits.logitOperations = facts.isSet("final_logit_softcapping") ? 4 : 1
    default: break
    }
    switch facts.model.architecture {
    case "llada", "llada-moe", "dream", "rnd1": traits.isCached = false
    case "modern-bert": (traits.isCached, traits.hasLogits, traits.skipsMissingNorm) = (false, false, true)
    case "neo-bert": (traits.isCached, traits.hasLogits, traits.outputNorm) = (false, false, "enc.output_norm")
    case "llama-embed", "gemma-embedding", "eurobert": (traits.isCached, traits.hasLogits) = (false, false)
    default: break
    }
    switch facts.model.architecture {
    case "gpt-oss": traits.rowSelection = .beforeNorm
    case "qwen3next", "qwen35", "qwen35moe", "cohere2moe", "nemotron_h", "nemotron_h_moe":
      traits.rowSelection = .afterNorm
    case "step35": traits.rowSelection = .beforeNorm
    default: break
    }
  }
}
