/// How a safetensors checkpoint stores its weights: the scheme's name, how many weights an element packs, and which
/// matrices are stored so.
struct StoredQuantization: Sendable, Hashable {
  /// `AWQ 4-bit`, `GPTQ 8-bit`, `FP8`, `NVFP4`, `compressed-tensors W4A16`, `MLX 4-bit`; nil where plain.
  var name: String?
  /// Bits of one packed weight.
  var bits: Int?
  /// What the configuration says of every matrix; nil where it does not say enough, and for plain weights.
  var layout: StoredLayout?
  var isMLX = false

  init(config: JSONValue, metadata: [String: String]) {
    if let mlx = config["quantization"], mlx["bits"] != nil {
      bits = mlx["bits"]?.int
      isMLX = true
      name = "MLX \(bits ?? 0)-bit"
      if let mode = mlx["mode"]?.string, mode != "affine" { name = "MLX \(mode)" }
      layout = .mlx(mlx)
      return
    }
    isMLX = metadata["format"] == "mlx"
    let separate = config["_hf_quant_config"]?["quantization"]
    let text = ["text_config", "llm_config"].compactMap { config[$0] }.first
    guard let scheme = config["quantization_config"] ?? text?["quantization_config"] else {
      if let separate { readModelOpt(.object([:]), separate) }
      return
    }
    read(scheme, separate)
    // DeepSeek V4 states the type of its experts beside the scheme of all else.
    if config["expert_dtype"]?.string == "fp4", let rest = layout {
      layout = .experts(.mxfp4, of: rest)
    }
  }

  private mutating func read(_ scheme: JSONValue, _ separate: JSONValue?) {
    let method = scheme["quant_method"]?.string ?? ""
    bits = scheme["bits"]?.int ?? scheme["w_bit"]?.int
    let suffix = bits.map { " \($0)-bit" } ?? ""
    switch method {
    case "gptq": (name, layout) = ("GPTQ" + suffix, .gptq(scheme))
    case "awq": (name, layout) = ("AWQ" + suffix, .awq(scheme))
    case "auto-round", "intel/auto-round": (name, layout) = ("AutoRound" + suffix, .autoRound(scheme))
    case "fp8", "fbgemm_fp8": (name, bits, layout) = ("FP8", 8, .fp8(scheme))
    case "mxfp4": (name, bits, layout) = ("MXFP4", 4, .mxfp4())
    case "bitsandbytes":
      layout = .bitsandbytes(scheme)
      bits = layout?.widths.first
      let kind = bits == 4 ? scheme["bnb_4bit_quant_type"]?.string : nil
      name = "bitsandbytes" + (kind.map { " \($0)" } ?? bits.map { " \($0)-bit" } ?? "")
    case "modelopt", "modelopt_fp4", "modelopt_fp8", "modelopt_mixed": readModelOpt(scheme, separate)
    case "compressed-tensors": readCompressed(scheme)
    case "quark":
      readWidths("Quark", .quark(scheme))
      let type = scheme["global_quant_config"]?["weight"]?["dtype"]?.string
      // Engines look for their kernels by these names.
      if layout != nil, let float = ["fp4": "MXFP4", "fp8_e4m3": "FP8"][type ?? ""] { name = "Quark \(float)" }
    case "hqq": readWidths("HQQ", .hqq(scheme))
    case "torchao": readWidths("TorchAO", .torchao(scheme))
    case "eetq": readWidths("EETQ", .eetq(scheme))
    case "": break
    default: name = method + suffix
    }
  }

  private mutating func readWidths(_ tool: String, _ found: StoredLayout?) {
    layout = found
    bits = found?.widths.first
    name = tool + (bits.map { " \($0)-bit" } ?? "")
  }

  private mutating func readModelOpt(_ scheme: JSONValue, _ separate: JSONValue?) {
    layout = .modelOpt(scheme, separate: separate)
    let stated = scheme["quant_algo"]?.string ?? separate?["quant_algo"]?.string
    // Parts of several widths are named by each, the narrowest first: engines need kernels for all of them.
    let parts = (layout?.widths ?? []).map { $0 == 4 ? "NVFP4" : $0 == 8 ? "FP8" : "\($0)-bit" }
    let isMixed = stated == nil || stated == "MIXED_PRECISION"
    name = isMixed && !parts.isEmpty ? parts.joined(separator: "+") : stated ?? "modelopt"
    bits = layout?.widths.first ?? (name?.contains("FP4") == true ? 4 : 8)
  }

  private mutating func readCompressed(_ scheme: JSONValue) {
    layout = .compressedTensors(scheme)
    let group = scheme["config_groups"]?.object?.sorted { $0.key < $1.key }.first?.value
    bits = layout?.widths.first ?? group?["weights"]?["num_bits"]?.int
    let isFloat = group?["weights"]?["type"]?.string == "float"
    let form = scheme["format"]?.string ?? ""
    let known = form.contains("nvfp4") ? "NVFP4" : form.contains("mxfp4") ? "MXFP4" : isFloat && bits == 8 ? "FP8" : nil
    let inputs = group?["input_activations"]?["num_bits"]?.int ?? 16
    name = known ?? "compressed-tensors" + (bits.map { " W\($0)A\(inputs)" } ?? "")
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
