/// The layouts that the `quantization_config` of each tool describes. Nil is "not known": a number that decides the size
/// is missing, or is none that the tool writes.
extension StoredLayout {
  /// GPTQModel and AutoGPTQ: packed integers, zero points, and the order of inputs, whether it is used or not.
  static func gptq(_ scheme: JSONValue) -> StoredLayout? {
    guard let packing = integers(scheme, keepsOrder: true) else { return nil }
    var layout = StoredLayout(packing)
    if scheme["lm_head"]?.bool == true { layout = layout.reachingOutput() }
    guard let exceptions = scheme["dynamic"]?.object, !exceptions.isEmpty else { return layout }
    // `-:` leaves a part as it is; other exceptions give it bits of its own.
    guard exceptions.keys.allSatisfy({ $0.hasPrefix("-:") }) else { return nil }
    return layout.keeping(.array(exceptions.keys.sorted().map { .string("re:" + $0.dropFirst(2)) }))
  }

  /// Intel's auto-round packs as GPTQ or AWQ do, without an order of inputs; parts may have bits of their own.
  static func autoRound(_ scheme: JSONValue) -> StoredLayout? {
    guard (scheme["extra_config"]?.object ?? [:]).isEmpty else { return nil }
    return integers(scheme, keepsOrder: false).map { StoredLayout($0) }
  }

  /// AutoAWQ.
  static func awq(_ scheme: JSONValue) -> StoredLayout? {
    integers(scheme, keepsOrder: false).flatMap { StoredLayout($0).keeping(scheme["modules_to_not_convert"]) }
  }

  private static func integers(_ scheme: JSONValue, keepsOrder: Bool) -> WeightPacking? {
    guard let bits = (scheme["bits"] ?? scheme["w_bit"])?.int, (2...8).contains(bits) else { return nil }
    let group = (scheme["group_size"] ?? scheme["q_group_size"])?.int ?? 128
    guard group == -1 || (1...65_536).contains(group) else { return nil }
    return .integers(bits: bits, group: group, keepsOrder: keepsOrder)
  }

  /// 8-bit floats with a scale for each block, as DeepSeek and Qwen publish, or for each matrix.
  static func fp8(_ scheme: JSONValue) -> StoredLayout? {
    var packing = WeightPacking.fp8
    if let block = scheme["weight_block_size"]?.array?.compactMap(\.int), block.count == 2,
      block.allSatisfy((1...65_536).contains)
    {
      packing.sharing = .block(inputs: block[1], outputs: block[0])
    } else if scheme["quant_method"]?.string == "fbgemm_fp8" {
      packing.sharing = .row
    }
    return StoredLayout(packing).keeping(scheme["modules_to_not_convert"] ?? scheme["ignored_layers"])
  }

  /// Experts in one form, all else as another layout says.
  static func experts(_ packing: WeightPacking, of rest: StoredLayout) -> StoredLayout {
    var layout = rest
    layout.rules.insert(Rule(targets: ModuleList(named: "experts"), packing: packing), at: 0)
    return layout
  }

  /// The experts alone.
  static func mxfp4() -> StoredLayout {
    StoredLayout(rules: [Rule(targets: ModuleList(named: "experts"), packing: .mxfp4)])
  }

  /// Blocks of 64 with a 32-bit maximum each, or an 8-bit one where those are quantized too; 8 bits by rows.
  static func bitsandbytes(_ scheme: JSONValue) -> StoredLayout? {
    let isFour = scheme["load_in_4bit"]?.bool == true
    guard isFour || scheme["load_in_8bit"]?.bool == true else { return nil }
    let isDouble = scheme["bnb_4bit_use_double_quant"]?.bool == true
    let packing =
      isFour
      ? WeightPacking(bits: 4, sharing: .group(64), scaleBits: isDouble ? 8 : 32)
      : WeightPacking(bits: 8, sharing: .row, scaleBits: 32)
    return StoredLayout(packing).keeping(scheme["llm_int8_skip_modules"])
  }

  /// HQQ: a 16-bit scale and offset for each group.
  static func hqq(_ scheme: JSONValue) -> StoredLayout? {
    let weights = (scheme["quant_config"] ?? scheme)["weight_quant_params"]
    guard let bits = weights?["nbits"]?.int, [1, 2, 3, 4, 8].contains(bits) else { return nil }
    let group = weights?["group_size"]?.int ?? 64
    guard (1...65_536).contains(group) else { return nil }
    return StoredLayout(WeightPacking(bits: bits, sharing: .group(group), scaleBits: 16, offsetBits: 16))
      .keeping(scheme["skip_modules"])
  }

  /// TorchAO, by the name of its scheme in either spelling.
  static func torchao(_ scheme: JSONValue) -> StoredLayout? {
    let type = scheme["quant_type"]?["default"] ?? scheme["quant_type"]
    let name = (type?["_type"]?.string ?? type?.string ?? "").lowercased().replacing("_", with: "")
    let stated = (type?["_data"] ?? scheme["quant_type_kwargs"])?["group_size"]?.int ?? 128
    guard (1...65_536).contains(stated) else { return nil }
    let packing: WeightPacking? =
      if name.hasPrefix("int4weightonly") {
        WeightPacking(bits: 4, sharing: .group(stated), scaleBits: 16, offsetBits: 16)
      } else if name.hasPrefix("int8weightonly") || name.hasPrefix("int8dynamicactivationint8weight") {
        WeightPacking(bits: 8, sharing: .row, scaleBits: 16)
      } else if name.hasPrefix("float8") {
        WeightPacking(bits: 8, sharing: .row, scaleBits: 32)
      } else {
        nil
      }
    return packing.flatMap { StoredLayout($0).keeping(scheme["modules_to_not_convert"]) }
  }

  /// EETQ: 8-bit integers by rows.
  static func eetq(_ scheme: JSONValue) -> StoredLayout? {
    StoredLayout(WeightPacking(bits: 8, sharing: .row, scaleBits: 16)).keeping(scheme["modules_to_not_convert"])
  }

  /// AMD's Quark: one scheme for all, with what it leaves out.
  static func quark(_ scheme: JSONValue) -> StoredLayout? {
    guard (scheme["layer_quant_config"]?.object ?? [:]).isEmpty, let weight = scheme["global_quant_config"]?["weight"],
      let type = weight["dtype"]?.string
    else { return nil }
    let group = weight["group_size"]?.int ?? 32
    guard (1...65_536).contains(group) else { return nil }
    let isRows = weight["qscheme"]?.string == "per_channel"
    let packing: WeightPacking? =
      switch type {
      case "fp8_e4m3", "fp8_e5m2": WeightPacking(bits: 8, sharing: isRows ? .row : .matrix, scaleBits: 32)
      case "fp4": WeightPacking(bits: 4, sharing: .group(group), scaleBits: 8)
      case "int8": WeightPacking(bits: 8, sharing: isRows ? .row : .matrix, scaleBits: 32)
      case "int4", "uint4": .integers(bits: 4, group: group, keepsOrder: false)
      default: nil
      }
    return packing.flatMap { StoredLayout($0).keeping(scheme["exclude"]) }
  }

  /// MLX: every matrix, embeddings too; some parts may have bits of their own.
  static func mlx(_ scheme: JSONValue) -> StoredLayout? {
    func packing(_ scheme: JSONValue) -> WeightPacking? {
      guard let bits = scheme["bits"]?.int, [2, 3, 4, 5, 6, 8].contains(bits) else { return nil }
      let group = scheme["group_size"]?.int ?? 64
      guard (1...65_536).contains(group) else { return nil }
      return switch scheme["mode"]?.string ?? "affine" {
      case "affine": WeightPacking(bits: bits, sharing: .group(group), scaleBits: 16, offsetBits: 16)
      case "mxfp4", "mxfp8", "nvfp4": WeightPacking(bits: bits, sharing: .group(group), scaleBits: 8)
      default: nil
      }
    }
    guard let usual = packing(scheme), let members = scheme.object else { return nil }
    var own: [WeightPacking: [JSONValue]] = [:]
    var kept: [JSONValue] = []
    for (name, value) in members {
      if value.bool == false { kept.append(.string(name)) }
      guard value.object != nil, let packing = packing(value) else { continue }
      own[packing, default: []].append(.string(name))
    }
    var layout = StoredLayout(usual)
    layout.roles = [.layer, .router, .output, .embedding]
    let exceptions = own.sorted { $0.key.bits < $1.key.bits }.compactMap { packing, names in
      ModuleList(.array(names)).map { Rule(targets: $0, packing: packing) }
    }
    layout.rules = exceptions + layout.rules
    return layout.keeping(.array(kept))
  }

  fileprivate func reachingOutput() -> StoredLayout {
    var layout = self
    layout.roles.insert(.output)
    layout.kept = ModuleList()
    return layout
  }
}
