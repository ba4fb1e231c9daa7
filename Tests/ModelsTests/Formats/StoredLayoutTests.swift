import Fixtures
import Testing
import Units

@testable import Models

/// What a configuration says of the sizes of weights, in the words of every tool that quantizes.
@Suite struct StoredLayoutTests {
  /// Llama 3.1 70B with what a tool adds to its configuration.
  private func llama(_ scheme: String, key: String = "quantization_config") throws -> Model {
    let config = """
      {"model_type": "llama", "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80,
       "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072,
       "tie_word_embeddings": false, "torch_dtype": "bfloat16", "\(key)": \(scheme)}
      """
    var parts = CheckpointParts(path: "config.json", format: .config)
    parts.config = try JSONValue(parsing: Array(config.utf8).span.bytes)
    return try CheckpointModel(parts: parts).model()
  }

  /// 68.45 billion weights lie in the layers' matrices; embedding, output and norms take 3.91 GiB of 16 bits.
  @Test(arguments: [
    // The sizes of the files that were published in these forms, or the arithmetic of the format.
    (#"{"quant_method": "gptq", "bits": 8, "group_size": 128, "desc_act": false, "sym": true}"#, "GPTQ 8-bit", 69.2),
    (#"{"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": true}"#, "GPTQ 4-bit", 37.1),
    (#"{"quant_method": "gptq", "bits": 4, "group_size": 32}"#, "GPTQ 4-bit", 40.8),
    (#"{"quant_method": "gptq", "bits": 3, "group_size": -1}"#, "GPTQ 3-bit", 27.9),
    (#"{"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true}"#, "AWQ 4-bit", 37.0),
    (#"{"quant_method": "awq", "w_bit": 4, "q_group_size": 64}"#, "AWQ 4-bit", 38.3),
    (#"{"quant_method": "fp8", "weight_block_size": [128, 128]}"#, "FP8", 67.7),
    (#"{"quant_method": "fbgemm_fp8"}"#, "FP8", 67.7),
    (
      #"{"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4"}"#, "bitsandbytes nf4", 39.8
    ),
    (
      #"{"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true}"#,
      "bitsandbytes 4-bit", 36.8
    ),
    (#"{"quant_method": "bitsandbytes", "load_in_8bit": true}"#, "bitsandbytes 8-bit", 67.7),
    (
      #"""
      {"quant_method": "compressed-tensors", "format": "pack-quantized", "ignore": ["lm_head"], "config_groups":
       {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "group",
        "symmetric": true, "group_size": 128}}}}
      """#, "compressed-tensors W4A16", 36.8
    ),
    (
      #"""
      {"quant_method": "compressed-tensors", "format": "int-quantized", "ignore": ["re:.*lm_head"], "config_groups":
       {"group_0": {"targets": ["Linear"], "input_activations": {"num_bits": 8}, "weights": {"num_bits": 8,
        "type": "int", "strategy": "channel"}}}}
      """#, "compressed-tensors W8A8", 67.7
    ),
    (
      #"""
      {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized", "ignore": ["lm_head"], "config_groups":
       {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "float", "strategy": "tensor_group",
        "group_size": 16}}}}
      """#, "NVFP4", 39.8
    ),
    (#"{"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head"]}"#, "NVFP4", 39.8),
    (#"{"quant_method": "modelopt", "quant_algo": "FP8", "ignore": ["lm_head"]}"#, "FP8", 67.7),
    (
      #"{"quant_method": "quark", "exclude": ["lm_head"], "global_quant_config": {"weight": {"dtype": "fp4"}}}"#,
      "Quark MXFP4", 37.8
    ),
    (
      #"{"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "group_size": 64}}}"#,
      "HQQ 4-bit", 39.8
    ),
    (
      #"{"quant_method": "torchao", "quant_type": "int4_weight_only", "quant_type_kwargs": {"group_size": 128}}"#,
      "TorchAO 4-bit", 37.8
    ),
    (
      #"{"quant_method": "torchao", "quant_type": {"default": {"_type": "Int8WeightOnlyConfig"}}}"#, "TorchAO 8-bit",
      67.7
    ),
    (#"{"quant_method": "eetq"}"#, "EETQ 8-bit", 67.7),
    (#"{"quant_method": "auto-round", "bits": 4, "group_size": 128}"#, "AutoRound 4-bit", 37.0),
  ])
  func sizesFollowWhatTheToolWrites(scheme: String, name: String, gibibytes: Double) throws {
    let model = try llama(scheme)
    #expect(model.quantization?.value == name)
    #expect(model.parameters?.value == 70_553_706_496)
    let bytes = try #require(model.weightBytes)
    #expect(abs(bytes.gibibytes - gibibytes) < 0.06)
  }

  /// A number that is missing makes the size unknown; it is neither guessed nor zero.
  @Test(arguments: [
    #"{"quant_method": "foo"}"#, #"{"quant_method": "gptq"}"#, #"{"quant_method": "gptq", "bits": 64}"#,
    #"{"quant_method": "awq", "bits": 4, "group_size": 0}"#, #"{"quant_method": "bitsandbytes"}"#,
    #"{"quant_method": "compressed-tensors", "format": "pack-quantized"}"#,
    #"{"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION"}"#, #"{"quant_method": "hqq"}"#,
    #"{"quant_method": "torchao", "quant_type": "int4_with_something"}"#, #"{"quant_method": "quark"}"#,
    #"{"quant_method": "gptq", "bits": 4, "dynamic": {"+:.*down.*": {"bits": 8}}}"#,
    #"{"quant_method": "fp8", "modules_to_not_convert": ["re:(a|b)+"]}"#,
  ])
  func whatIsNotSaidIsNotKnown(scheme: String) throws {
    let model = try llama(scheme)
    #expect(model.quantization != nil)
    #expect(model.weightBytes == nil && model.tensors.isEmpty)
  }

  @Test func partsThatAreLeftOutKeepTheirBits() throws {
    let all = try llama(#"{"quant_method": "fp8"}"#).weightBytes
    let less = try llama(
      #"{"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0.mlp", "re:.*layers.1.mlp.*", "lm_head"]}"#)
    let matrix = 3 * 8192 * 28_672
    let difference = try #require(less.weightBytes) - #require(all)
    // Three scales of each of two layers are gone.
    #expect(difference.bytes == 2 * matrix - 6 * 4)
  }

  /// As Kimi K2 Thinking's configuration names what it leaves out.
  @Test func expressionsWithChoicesAreReadOut() throws {
    let all = try llama(#"{"quant_method": "fp8"}"#).weightBytes
    let less = try llama(
      #"{"quant_method": "fp8", "modules_to_not_convert": ["lm_head", "re:.*mlp\\.(gate|up|down)_proj.*"]}"#)
    let difference = try #require(less.weightBytes) - #require(all)
    #expect(difference.bytes == 80 * (3 * 8192 * 28_672 - 12))
    let layers = try llama(
      #"{"quant_method": "fp8", "modules_to_not_convert": ["re:model\\.layers\\.(0|79)\\.(?:self_attn|mlp)\\..*"]}"#)
    let two = try #require(layers.weightBytes) - #require(all)
    #expect(two.bytes == 2 * (855_638_016 - 7 * 4))
    let attention = try llama(
      #"{"quant_method": "gptq", "bits": 4, "dynamic": {"-:.*self_attn.*": {}}}"#
    ).weightBytes
    let plain = try llama(#"{"quant_method": "gptq", "bits": 4}"#).weightBytes
    #expect(try #require(attention) > #require(plain))
  }

  @Test func partsMayHaveWidthsOfTheirOwn() throws {
    let mixed = try llama(
      #"""
      {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": {
       "model.layers.0.mlp.up_proj": {"quant_algo": "NVFP4", "group_size": 16},
       "model.layers.0.mlp.down_proj": {"quant_algo": "FP8"}}}
      """#)
    #expect(mixed.quantization?.value == "NVFP4+FP8")
    let up = mixed.tensors.first { $0.name == "model.layers.0.mlp.up_proj.weight" }
    let down = mixed.tensors.first { $0.name == "model.layers.0.mlp.down_proj.weight" }
    let other = mixed.tensors.first { $0.name == "model.layers.1.mlp.down_proj.weight" }
    #expect(up?.bytes == ByteCount(8192 * 28_672 / 16 * 9 + 8))
    #expect(down?.bytes == ByteCount(8192 * 28_672 + 4))
    #expect(other?.bytes == ByteCount(2 * 8192 * 28_672))
  }

  @Test func mlxStoresEmbeddingsTooAndSomePartsWider() throws {
    let four = try llama(#"{"group_size": 64, "bits": 4}"#, key: "quantization")
    #expect(four.quantization?.value == "MLX 4-bit")
    #expect(abs(try #require(four.weightBytes).gibibytes - 36.96) < 0.02)
    let wider = try llama(
      #"{"group_size": 64, "bits": 4, "lm_head": {"group_size": 64, "bits": 8}}"#, key: "quantization")
    let difference = try #require(wider.weightBytes) - #require(four.weightBytes)
    #expect(difference.bytes == 8192 * 128_256 / 2)
  }

  @Test(
    .enabled(if: SharedData.has("model-configs"), "the reference data are not there"),
    arguments: [
      // Bytes of the published files.
      ("Qwen--Qwen3-32B-FP8", "FP8", 32.0), ("openai--gpt-oss-20b", "MXFP4", 12.8),
      ("openai--gpt-oss-120b", "MXFP4", 60.8), ("nvidia--Llama-3.1-70B-Instruct-FP8", "FP8", 67.7),
      // 18.4 billion weights in 4.5 bits, 7.1 in 8, embedding and sight in 16.
      ("nvidia--Qwen3.6-27B-NVFP4", "NVFP4+FP8", 19.9),
      // 32.8 billion in 4.5 bits, 1.3 in 8, embedding and sight in 16.
      ("nvidia--Qwen3.6-35B-A3B-NVFP4", "NVFP4+FP8", 20.4),
    ])
  func publishedConfigurationsAreAsLargeAsTheirFiles(name: String, quantization: String, gibibytes: Double) throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/\(name).json")
    #expect(model.quantization?.value == quantization)
    #expect(abs(try #require(model.weightBytes).gibibytes / gibibytes - 1) < 0.02)
  }
}
