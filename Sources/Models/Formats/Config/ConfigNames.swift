/// The names that `config.json` uses for families, in GGUF's spelling.
enum ConfigNames {
  /// Returns the architecture for a `model_type`, in GGUF's spelling where it has one.
  static func architecture(modelType: String, config: JSONValue) -> String {
    switch modelType {
    case "nemotron_h": return config["n_routed_experts"] != nil ? "nemotron_h_moe" : "nemotron_h"
    case "granite", "granitemoe": return modelType
    default: break
    }
    if let known = families[modelType] { return known }
    let candidates = [modelType, modelType.replacing("_", with: "-"), modelType.replacing("_text", with: "")]
    return candidates.first { Architecture.named($0) != nil } ?? modelType
  }

  private static let families: [String: String] = [
    "mistral": "llama", "mixtral": "llama", "smollm": "llama", "aquila": "llama", "yi": "llama",
    "ministral3": "mistral3", "mistral3": "mistral3", "mistral4": "mistral4",
    "qwen2_moe": "qwen2moe", "qwen2_vl": "qwen2vl", "qwen2_5_vl": "qwen2vl", "qwen2_5_vl_text": "qwen2vl",
    "qwen3_moe": "qwen3moe", "qwen3_next": "qwen3next", "qwen3_5": "qwen35", "qwen3_5_text": "qwen35",
    "qwen3_5_moe": "qwen35moe", "qwen3_5_moe_text": "qwen35moe", "qwen3_vl": "qwen3vl", "qwen3_vl_text": "qwen3vl",
    "qwen3_vl_moe": "qwen3vlmoe", "qwen3_vl_moe_text": "qwen3vlmoe", "qwen3_6": "qwen35", "qwen3_6_moe": "qwen35moe",
    "gemma3_text": "gemma3", "gemma3n_text": "gemma3n", "gemma4_text": "gemma4", "gemma4_unified": "gemma4",
    "phi": "phi2", "phi-msft": "phi2", "phi3small": "phi3", "phimoe": "phimoe", "phi4mm": "phi3", "phi4": "phi3",
    "deepseek_v2": "deepseek2", "deepseek_v3": "deepseek2", "deepseek_v32": "deepseek32", "deepseek_v4": "deepseek4",
    "kimi_k2": "deepseek2", "kimi_k25": "deepseek2", "kimi_vl": "deepseek2", "kimi_linear": "kimi-linear",
    "glm4_moe": "glm4moe", "glm4v_moe_text": "glm4moe", "glm4_moe_lite": "deepseek2", "glm_moe_dsa": "glm-dsa",
    "gpt_oss": "gpt-oss", "llama4_text": "llama4", "falcon_mamba": "mamba", "falcon_h1": "falcon-h1",
    "refinedweb": "falcon", "refinedwebmodel": "falcon",
    "granitemoehybrid": "granitehybrid", "granitemoeshared": "granitemoe", "cohere": "command-r", "cohere2": "cohere2",
    "olmo3": "olmo2", "exaone_moe": "exaone-moe", "lfm2_moe": "lfm2moe", "roberta": "bert", "xlm-roberta": "bert",
    "camembert": "bert", "modernbert": "modern-bert", "nomic_bert": "nomic-bert", "gpt_neox": "gptneox",
    "gpt_bigcode": "starcoder", "minimax_m2": "minimax-m2", "minimax": "minimax-01", "minimax_text_01": "minimax-01",
    "ernie4_5_moe": "ernie4_5-moe", "hunyuan_v1_dense": "hunyuan-dense", "hunyuan_v1_moe": "hunyuan-moe",
    "bailing_moe": "bailingmoe", "bailing_moe_v2": "bailingmoe2", "bailing_moe_linear": "bailingmoe3",
    "mimo_v2_flash": "mimo2", "mimo": "qwen2", "step3p5": "step35", "solar_open": "glm4moe", "plamo2": "plamo2",
    "internlm3": "llama", "internlm": "llama", "gpt-j": "gptj", "rwkv6": "rwkv6", "rwkv7": "rwkv7",
    "embedding_gemma": "gemma-embedding", "gemma3_embedding": "gemma-embedding", "jina_embeddings_v3": "jina-bert-v3",
    "t5": "t5", "umt5": "t5", "chatglm": "chatglm", "glm": "chatglm", "nemotron": "nemotron",
    "nemotron-nas": "deci", "deci": "deci", "hy_v3": "hy_v3", "seed_oss": "seed_oss",
    "pangu_embedded": "pangu-embedded",
  ]

  /// Families whose converter keeps the blocks that predict further tokens.
  static let keepsPrediction: Set<String> = [
    "glm4moe", "glm-dsa", "glm5-next", "deepseek32", "deepseek4", "qwen35", "qwen35moe", "qwen3next", "exaone-moe",
    "mimo2", "step35", "bailingmoe2", "bailingmoe3", "cohere2moe", "dots3note", "hy_v3", "nemotron_h_moe",
  ]
}
