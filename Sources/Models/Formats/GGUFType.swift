public import Units

/// How a GGUF file stores the elements of a tensor: blocks of a fixed count in a fixed number of bytes.
public struct GGUFType: Hashable, Sendable {
  public let id: UInt32
  public let name: String
  /// Elements in one block.
  public let blockLength: Int
  public let blockBytes: Int

  /// Bits for one weight.
  public var bitsPerWeight: Double { 8 * Double(blockBytes) / Double(blockLength) }

  /// True for types made of blocks with scales, false for plain numbers.
  public var isQuantized: Bool { blockLength > 1 }

  /// Returns the bytes of a tensor, or nil where its rows are no whole number of blocks or the count overflows.
  public func byteCount(dimensions: [Int]) -> ByteCount? {
    guard let row = dimensions.first, row >= 0, row % blockLength == 0 else { return nil }
    var bytes = row / blockLength
    func grow(by factor: Int) -> Bool {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
      bytes = product
      return !overflow && product >= 0
    }
    // A table of mixes asks this for every tensor of every mix: nothing is allocated here.
    for index in 1..<max(1, dimensions.count) { guard grow(by: dimensions[index]) else { return nil } }
    return grow(by: blockBytes) ? ByteCount(bytes) : nil
  }
}

extension GGUFType {
  /// Every type that llama.cpp reads, by id (ggml.h, `enum ggml_type`).
  public static let all: [GGUFType] = [
    .init(id: 0, name: "F32", blockLength: 1, blockBytes: 4),
    .init(id: 1, name: "F16", blockLength: 1, blockBytes: 2),
    .init(id: 2, name: "Q4_0", blockLength: 32, blockBytes: 18),
    .init(id: 3, name: "Q4_1", blockLength: 32, blockBytes: 20),
    .init(id: 6, name: "Q5_0", blockLength: 32, blockBytes: 22),
    .init(id: 7, name: "Q5_1", blockLength: 32, blockBytes: 24),
    .init(id: 8, name: "Q8_0", blockLength: 32, blockBytes: 34),
    .init(id: 9, name: "Q8_1", blockLength: 32, blockBytes: 36),
    .init(id: 10, name: "Q2_K", blockLength: 256, blockBytes: 84),
    .init(id: 11, name: "Q3_K", blockLength: 256, blockBytes: 110),
    .init(id: 12, name: "Q4_K", blockLength: 256, blockBytes: 144),
    .init(id: 13, name: "Q5_K", blockLength: 256, blockBytes: 176),
    .init(id: 14, name: "Q6_K", blockLength: 256, blockBytes: 210),
    .init(id: 15, name: "Q8_K", blockLength: 256, blockBytes: 292),
    .init(id: 16, name: "IQ2_XXS", blockLength: 256, blockBytes: 66),
    .init(id: 17, name: "IQ2_XS", blockLength: 256, blockBytes: 74),
    .init(id: 18, name: "IQ3_XXS", blockLength: 256, blockBytes: 98),
    .init(id: 19, name: "IQ1_S", blockLength: 256, blockBytes: 50),
    .init(id: 20, name: "IQ4_NL", blockLength: 32, blockBytes: 18),
    .init(id: 21, name: "IQ3_S", blockLength: 256, blockBytes: 110),
    .init(id: 22, name: "IQ2_S", blockLength: 256, blockBytes: 82),
    .init(id: 23, name: "IQ4_XS", blockLength: 256, blockBytes: 136),
    .init(id: 24, name: "I8", blockLength: 1, blockBytes: 1),
    .init(id: 25, name: "I16", blockLength: 1, blockBytes: 2),
    .init(id: 26, name: "I32", blockLength: 1, blockBytes: 4),
    .init(id: 27, name: "I64", blockLength: 1, blockBytes: 8),
    .init(id: 28, name: "F64", blockLength: 1, blockBytes: 8),
    .init(id: 29, name: "IQ1_M", blockLength: 256, blockBytes: 56),
    .init(id: 30, name: "BF16", blockLength: 1, blockBytes: 2),
    .init(id: 34, name: "TQ1_0", blockLength: 256, blockBytes: 54),
    .init(id: 35, name: "TQ2_0", blockLength: 256, blockBytes: 66),
    .init(id: 39, name: "MXFP4", blockLength: 32, blockBytes: 17),
    .init(id: 40, name: "NVFP4", blockLength: 64, blockBytes: 36),
    .init(id: 41, name: "Q1_0", blockLength: 128, blockBytes: 18),
    .init(id: 42, name: "Q2_0", blockLength: 64, blockBytes: 18),
  ]

  private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Ids that llama.cpp once used and no longer reads.
  private static let removed: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8",
    38: "IQ4_NL_8_8",
  ]

  /// Returns the type of that name as llama.cpp spells it in capitals.
  public static func named(_ name: String) -> GGUFType? { byName[name] }

  /// Returns the type with that id, or why there is none.
  static func withID(_ id: UInt32, offset: Int) throws(ModelError) -> GGUFType {
    if let type = byID[id] { return type }
    if let name = removed[id] {
      throw .unsupported(
        format: "GGUF", cause: "tensor type \(id) (\(name)) was removed from llama.cpp; convert it again")
    }
    // Forks keep their private types from 97 upwards (ik_llama.cpp) so as not to collide with the main project's.
    if (97...399).contains(id) {
      throw .unsupported(format: "GGUF", cause: "tensor type \(id) is private to a fork of llama.cpp (\(forkName(id)))")
    }
    throw .unsupported(format: "GGUF", cause: "tensor type \(id) is not known (byte \(offset))")
  }

  /// The names that ik_llama.cpp gives to its private types, as far as they are settled.
  private static func forkName(_ id: UInt32) -> String {
    let names: [UInt32: String] = [
      97: "Q8_0_X4", 98: "Q8_1_X4", 99: "Q8_2_X4", 133: "Q6_0", 134: "IQ1_BN", 135: "IQ2_BN", 136: "Q8_K64",
      137: "IQ2_K", 138: "IQ3_K", 139: "IQ4_K", 140: "IQ5_K", 141: "IQ6_K", 144: "IQ4_KS", 145: "IQ2_KS",
      146: "IQ4_KSS", 152: "IQ5_KS", 153: "IQ2_KT", 154: "IQ3_KT", 155: "IQ4_KT", 156: "IQ3_KS", 157: "IQ2_KL",
      158: "IQ1_KT", 202: "Q4_0_R8", 206: "Q5_0_R4", 208: "Q8_0_R8", 210: "Q2_K_R4", 211: "Q3_K_R4", 212: "Q4_K_R4",
      213: "Q5_K_R4", 214: "Q6_K_R4", 220: "IQ4_NL_R4", 223: "IQ4_XS_R8", 230: "BF16_R16", 233: "Q6_0_R4",
      335: "IQ2_BN_R4", 337: "IQ2_K_R4", 338: "IQ3_K_R4", 339: "IQ4_K_R4", 340: "IQ5_K_R4", 344: "IQ4_KS_R4",
      352: "IQ5_KS_R4", 398: "Q8_K_R16", 399: "Q8_K_R8",
    ]
    return names[id] ?? "as ik_llama.cpp"
  }
}
