extension Architecture {
  /// Every architecture that llama.cpp's loader knows, by what its layers do.
  ///
  /// To add one, put its name into the row of its kind, or add a row.
  static let all: [Architecture] = plain + windowed + recurrent + sparse + encoders

  /// Full attention on every layer, latent where the header has `attention.key_length_mla`.
  private static let plain: [Architecture] = [
    Architecture(
      "llama", "llama-embed", "deci", "falcon", "grok", "gpt2", "gptj", "gptneox", "mpt", "baichuan", "starcoder",
      "refact", "bloom", "stablelm", "qwen", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl",
      "qwen3vlmoe", "qwen3tts", "phi2", "phi3", "phimoe", "plamo", "codeshell", "orion", "internlm2", "minicpm",
      "minicpm3", "gemma", "starcoder2", "xverse", "command-r", "dbrx", "olmo", "olmoe", "openelm", "arctic",
      "deepseek", "deepseek2-ocr", "chatglm", "glm4", "glm4moe", "bitnet", "t5", "jais", "jais2", "nemotron",
      "exaone", "granite", "granitemoe", "graniteswitch", "chameleon", "plm", "bailingmoe", "bailingmoe2", "dots1",
      "arcee", "ernie4_5", "ernie4_5-moe", "hunyuan-moe", "hunyuan-dense", "hunyuan_vl", "hy_v3", "smollm3",
      "seed_oss", "grovemoe", "apertus", "hrm_text", "minimax-m2", "cogvlm", "pangu-embedded", "mistral3", "eagle3",
      "paddleocr", "maincoder", "talkie", "nanbeige", "pockettts"),
    Architecture("deepseek2", "mistral4"),
  ]

  /// Some layers look back over a window only.
  private static let windowed: [Architecture] = [
    Architecture("gemma2", windows: .every(2, window: 4096)),
    Architecture("gemma3", windows: .every(6)),
    Architecture("gemma3n", windows: .every(5), sharing: .first(20)),
    Architecture("gemma4", windows: .pattern, sharing: .byKey),
    Architecture(
      "gemma4-assistant", "granite_swa", "maple", "mimo2", "step35", "spark2_5", "dflash", windows: .pattern),
    Architecture("cohere2", "muse-glimmer", "afmoe", "mellum", "olmo2", windows: .every(4)),
    Architecture("cohere2moe", "laguna", windows: .every(4, fullFirst: true)),
    Architecture("exaone4", windows: .every(4)),
    Architecture("exaone-moe", windows: .every(4, window: 128)),
    Architecture("plamo3", windows: .every(8)),
    Architecture("gpt-oss", windows: .every(2)),
    Architecture("smallthinker", windows: .fixed(4096, period: 4, fullFirst: true)),
    Architecture("llama4", windows: .chunks(4)),
  ]

  /// A state of fixed size on some layers or all.
  private static let recurrent: [Architecture] = [
    Architecture("mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", recurrence: .all),
    Architecture(
      "jamba", "granitehybrid", "plamo2", "kimi-linear", "kimi-k3", "bailingmoe3", recurrence: .withoutHeads),
    Architecture("lfm2", windows: .all, recurrence: .withoutHeads),
    Architecture("lfm2moe", recurrence: .withoutHeads),
    Architecture("nemotron_h", "nemotron_h_moe", recurrence: .withoutHeadsOrFeedForward),
    Architecture("falcon-h1", recurrence: .beside),
    Architecture("qwen3next", "qwen35", "qwen35moe", recurrence: .allButEvery(4)),
    Architecture("minimax-01", recurrence: .allButEvery(8)),
  ]

  /// An indexer chooses which tokens a layer attends to.
  private static let sparse: [Architecture] = [
    Architecture("deepseek32", "glm-dsa", "hy_v4", indexing: .marked),
    Architecture("dots3note", windows: .pattern, indexing: .marked),
    Architecture("glm5-next", recurrence: .withoutHeads, indexing: .marked),
    Architecture("qwen4exp", recurrence: .allButEvery(4), indexing: .marked),
    Architecture("minimax-m3", indexing: .afterDense),
    Architecture("deepseek4", windows: .all, indexing: .marked),
  ]

  /// Text goes in whole: no cache is kept.
  private static let encoders: [Architecture] = [
    Architecture(
      "bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert", "t5encoder",
      "wavtokenizer-dec", "dream", "llada", "llada-moe", "rnd1", "clef", "clip", isEncoderOnly: true),
    Architecture("modern-bert", windows: .every(3, fullFirst: true), isEncoderOnly: true),
    Architecture("gemma-embedding", windows: .every(6), isEncoderOnly: true),
  ]
}
