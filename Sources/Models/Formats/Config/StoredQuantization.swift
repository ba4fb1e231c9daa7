/// How a safetensors checkpoint stores its weights: the scheme's name, and how many weights an element packs.
struct StoredQuantization: Sendable, Hashable {
  /// `AWQ`, `GPTQ`, `FP8`, `NVFP4`, `MXFP4`, `compressed-tensors`, `bitsandbytes`, `MLX 4-bit`; nil where plain.
  var name: String?
  /// Bits of one packed weight.
  var bits: Int?
  var isMLX = false
  /// Inputs that share a scale, where scales are of blocks: 128 for DeepSeek's FP8; nil for whole rows or tensors.
  var block: Int?

  init(config: JSONValue, metadata: [String: String]) {
    if let mlx = config["quantization"], mlx["bits"] != nil {
      bits = mlx["bits"]?.int
      isMLX = true
      name = "MLX \(bits ?? 0)-bit"
      if let mode = mlx["mode"]?.string, mode != "affine" { name = "MLX \(mode)" }
      return
    }
    isMLX = metadata["format"] == "mlx"
    if let separate = config["_hf_quant_config"]?["quantization"]?["quant_algo"]?.string {
      name = separate
      bits = separate.contains("FP4") ? 4 : 8
    }
    let text = ["text_config", "llm_config"].compactMap { config[$0] }.first
    guard let scheme = config["quantization_config"] ?? text?["quantization_config"] else { return }
    read(scheme)
  }

  private mutating func read(_ scheme: JSONValue) {
    let method = scheme["quant_method"]?.string ?? ""
    bits = scheme["bits"]?.int
    block = scheme["weight_block_size"]?.array?.last?.int
    switch method {
    case "gptq": name = "GPTQ \(bits ?? 4)-bit"
    case "awq": name = "AWQ \(bits ?? 4)-bit"
    case "fp8", "fbgemm_fp8": (name, bits) = ("FP8", 8)
    case "mxfp4": (name, bits) = ("MXFP4", 4)
    case "bitsandbytes":
      bits = scheme["load_in_4bit"]?.bool == true ? 4 : 8
      name = bits == 4 ? "bitsandbytes \(scheme["bnb_4bit_quant_type"]?.string ?? "4-bit")" : "bitsandbytes 8-bit"
    case "modelopt", "modelopt_fp4", "modelopt_fp8":
      name = scheme["quant_algo"]?.string ?? (method == "modelopt_fp8" ? "FP8" : "NVFP4")
      bits = name?.contains("FP4") == true ? 4 : 8
    case "compressed-tensors":
      let group = scheme["config_groups"]?.object?.sorted { $0.key < $1.key }.first?.value["weights"]
      bits = group?["num_bits"]?.int
      let isFloat = group?["type"]?.string == "float"
      let form = scheme["format"]?.string ?? ""
      name = form.contains("nvfp4") ? "NVFP4" : form.contains("mxfp4") ? "MXFP4" : isFloat && bits == 8 ? "FP8" : nil
      let inputs = scheme["config_groups"]?.object?.sorted { $0.key < $1.key }.first?.value["input_activations"]
      name = name ?? "compressed-tensors W\(bits ?? 0)A\(inputs?["num_bits"]?.int ?? 16)"
    case "": break
    default: name = bits.map { "\(method) \($0)-bit" } ?? method
    }
  }

  /// Returns how many weights a tensor stands for; scales and offsets stand for none.
  func weights(in tensor: Tensor) -> Int {
    guard name != nil else { return tensor.elementCount }
    let last = tensor.name.utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? tensor.name
    switch last {
    case "scales", "qzeros", "g_idx", "weight_scale", "weight_scale_inv", "weight_scale_2", "input_scale",
      "weight_shape", "weight_zero_point", "weight_global_scale", "input_global_scale", "absmax", "quant_map",
      "nested_absmax", "nested_quant_map", "k_scale", "v_scale", "weight_g_idx":
      return 0
    case "biases" where isMLX: return 0
    case "qweight", "weight_packed": return packed(tensor)
    default: break
    }
    if last.hasSuffix("_scales") || last.hasPrefix("bitsandbytes__") || last.hasSuffix("_scale") { return 0 }
    if last.hasSuffix("_blocks") { return tensor.elementCount.multipliedReportingOverflow(by: 2).partialValue }
    if last == "weight", tensor.type == "U32" || (tensor.type == "U8" && bits == 4) { return packed(tensor) }
    return tensor.elementCount
  }

  private func packed(_ tensor: Tensor) -> Int {
    guard let bits, bits > 0, let width = SafetensorsHeader.width(of: tensor.type) else { return tensor.elementCount }
    let (total, overflow) = tensor.elementCount.multipliedReportingOverflow(by: width)
    return overflow ? 0 : total / bits
  }
}
