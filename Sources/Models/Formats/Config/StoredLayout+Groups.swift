/// Layouts of tools that give groups of parts schemes of their own.
extension StoredLayout {
  /// llm-compressor's groups: each names its parts, and the bits, type and sharing of their weights.
  static func compressedTensors(_ scheme: JSONValue) -> StoredLayout? {
    // Where zeros are left out too, what is left depends on the weights.
    guard (scheme["sparsity_config"]?["format"]?.string ?? "dense") == "dense" else { return nil }
    return groups(scheme) { group in
      guard let weights = group["weights"] else { return nil }
      let form = group["format"]?.string ?? scheme["format"]?.string ?? ""
      return compressed(weights, form: form)
    }
  }

  private static func groups(_ scheme: JSONValue, _ packing: (JSONValue) -> WeightPacking?) -> StoredLayout? {
    guard let groups = scheme["config_groups"]?.object, !groups.isEmpty else { return nil }
    var rules: [Rule] = []
    var general: [Rule] = []
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      guard let packing = packing(group) else { return nil }
      // `Linear` is the kind of module, which all matrices of layers are.
      guard let targets = group["targets"], targets.array?.contains(.string("Linear")) != true else {
        general.append(Rule(targets: nil, packing: packing))
        continue
      }
      guard let named = ModuleList(targets) else { return nil }
      rules.append(Rule(targets: named, packing: packing))
    }
    var layout = StoredLayout(rules: rules + general)
    layout.roles = [.layer, .output]
    layout.kept = ModuleList()
    return layout.keeping(scheme["ignore"])
  }

  private static func compressed(_ weights: JSONValue, form: String) -> WeightPacking? {
    guard let bits = weights["num_bits"]?.int, (2...8).contains(bits) else { return nil }
    let group = weights["group_size"]?.int
    let isFloat = weights["type"]?.string == "float"
    let isSymmetric = weights["symmetric"]?.bool ?? true
    let strategy = weights["strategy"]?.string ?? (group.map { $0 > 0 } == true ? "group" : "tensor")
    var packing = WeightPacking(bits: bits, sharing: .matrix, scaleBits: 16, offsetBits: isSymmetric ? 0 : bits)
    switch strategy {
    case "tensor": break
    case "channel": packing.sharing = .row
    case "group", "tensor_group":
      guard let group, (1...65_536).contains(group) else { return nil }
      packing.sharing = .group(group)
      // 4-bit floats have 8-bit scales.
      if isFloat, bits == 4 { packing.scaleBits = 8 }
      if strategy == "tensor_group" { packing.matrixBits = 64 }
    case "block":
      guard let block = weights["block_structure"]?.array?.compactMap(\.int), block.count == 2,
        block.allSatisfy((1...65_536).contains)
      else { return nil }
      packing.sharing = .block(inputs: block[1], outputs: block[0])
    default: return nil
    }
    if form.contains("marlin-24") || form.contains("sparse") { return nil }
    return packing
  }

  /// NVIDIA's ModelOpt: one algorithm for all, or one for each named part.
  ///
  /// - Parameter separate: `hf_quant_config.json`'s part on quantization, which says the same in other words.
  static func modelOpt(_ scheme: JSONValue, separate: JSONValue?) -> StoredLayout? {
    let kept = scheme["ignore"] ?? scheme["exclude_modules"] ?? separate?["exclude_modules"]
    let algorithm = scheme["quant_algo"]?.string ?? separate?["quant_algo"]?.string
    if let algorithm, algorithm != "MIXED_PRECISION" {
      let all = packing(ofAlgorithm: algorithm, group: (scheme["group_size"] ?? separate?["group_size"])?.int)
      return all.flatMap { StoredLayout($0).keeping(kept) }
    }
    let mixed =
      groups(scheme) { group in group["weights"].flatMap { compressed($0, form: "") } }
      ?? byLayer(scheme["quantized_layers"] ?? separate?["quantized_layers"])
    return mixed.flatMap { $0.keeping(kept) }
  }

  private static func byLayer(_ map: JSONValue?) -> StoredLayout? {
    guard let members = map?.object else { return nil }
    var names: [WeightPacking: [JSONValue]] = [:]
    for (name, value) in members {
      guard
        let packing = packing(ofAlgorithm: value["quant_algo"]?.string ?? "", group: value["group_size"]?.int)
      else { return nil }
      names[packing, default: []].append(.string(name))
    }
    let rules = names.sorted { $0.key.bits < $1.key.bits }.compactMap { packing, names in
      ModuleList(.array(names)).map { Rule(targets: $0, packing: packing) }
    }
    return rules.isEmpty ? nil : StoredLayout(rules: rules)
  }

  private static func packing(ofAlgorithm name: String, group: Int?) -> WeightPacking? {
    switch name {
    case "FP8": .fp8
    case "FP8_PER_CHANNEL_PER_TOKEN": WeightPacking(bits: 8, sharing: .row, scaleBits: 32)
    case "FP8_PB_WO": WeightPacking(bits: 8, sharing: .block(inputs: 128, outputs: 128), scaleBits: 32)
    case "NVFP4", "W4A16_NVFP4", "NVFP4_AWQ": .nvfp4
    case "MXFP4": .mxfp4
    case "MXFP8": WeightPacking(bits: 8, sharing: .group(32), scaleBits: 8)
    case "INT8_SQ", "W8A8_SQ_PER_CHANNEL": WeightPacking(bits: 8, sharing: .row, scaleBits: 32)
    case "W4A16_AWQ", "INT4_AWQ", "W4A8_AWQ":
      WeightPacking(bits: 4, sharing: .group(group.flatMap { $0 > 0 ? $0 : nil } ?? 128), scaleBits: 16)
    default: nil
    }
  }
}
