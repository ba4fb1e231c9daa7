/// Names of instruction sets, as Linux prints them, from the bits of the cpuid instruction and from macOS's names.
enum CPUFeatures {
  /// Where a bit is: leaf, subleaf, register (0 to 3 for EAX to EDX), bit.
  private struct Place: Hashable {
    var leaf: UInt32
    var subleaf: UInt32
    var register: Int
    var bit: Int
  }

  private static func names(_ leaf: UInt32, _ subleaf: UInt32, _ register: Int, _ bits: [Int: String]) -> [(
    Place, String
  )] {
    bits.sorted { $0.key < $1.key }.map {
      (Place(leaf: leaf, subleaf: subleaf, register: register, bit: $0.key), $0.value)
    }
  }

  private static let table: [(Place, String)] =
    names(1, 0, 3, [0: "fpu", 4: "tsc", 8: "cx8", 15: "cmov", 23: "mmx", 24: "fxsr", 25: "sse", 26: "sse2", 28: "ht"])
    + names(
      1, 0, 2,
      [
        0: "pni", 1: "pclmulqdq", 5: "vmx", 9: "ssse3", 12: "fma", 13: "cx16", 19: "sse4_1", 20: "sse4_2", 21: "x2apic",
        22: "movbe", 23: "popcnt", 25: "aes", 26: "xsave", 28: "avx", 29: "f16c", 30: "rdrand", 31: "hypervisor",
      ])
    + names(
      7, 0, 1,
      [
        3: "bmi1", 5: "avx2", 8: "bmi2", 9: "erms", 16: "avx512f", 17: "avx512dq", 18: "rdseed", 19: "adx",
        21: "avx512ifma", 26: "avx512pf", 27: "avx512er", 28: "avx512cd", 29: "sha_ni", 30: "avx512bw", 31: "avx512vl",
      ])
    + names(
      7, 0, 2,
      [
        1: "avx512vbmi", 6: "avx512_vbmi2", 8: "gfni", 9: "vaes", 10: "vpclmulqdq", 11: "avx512_vnni",
        12: "avx512_bitalg", 14: "avx512_vpopcntdq", 27: "movdiri", 28: "movdir64b",
      ])
    + names(
      7, 0, 3,
      [
        2: "avx512_4vnniw", 3: "avx512_4fmaps", 4: "fsrm", 8: "avx512_vp2intersect", 14: "serialize", 15: "hybrid_cpu",
        22: "amx_bf16", 23: "avx512_fp16", 24: "amx_tile", 25: "amx_int8",
      ])
    + names(7, 1, 0, [4: "avx_vnni", 5: "avx512_bf16", 21: "amx_fp16", 23: "avx_ifma"])
    + names(7, 1, 3, [4: "avx_vnni_int8", 5: "avx_ne_convert", 8: "amx_complex", 10: "avx_vnni_int16", 19: "avx10"])
    + names(0x8000_0001, 0, 2, [5: "abm", 6: "sse4a", 11: "xop", 16: "fma4"])
    + names(0x8000_0001, 0, 3, [20: "nx", 27: "rdtscp", 29: "lm"])

  /// Returns the names of the bits that are set.
  ///
  /// - Parameter registers: the answer for a leaf and subleaf, nil where there is none.
  static func fromCPUID(_ registers: (UInt32, UInt32) -> [UInt32]?) -> [String] {
    table.compactMap { place, name in
      guard let values = registers(place.leaf, place.subleaf) else { return nil }
      return values[place.register] >> UInt32(place.bit) & 1 == 1 ? name : nil
    }
  }

  /// Names of `machdep.cpu.features` and its kin whose spelling differs from Linux's.
  static func fromMacOS(intel words: [Substring]) -> [String] {
    let spelled = [
      "sse3": "pni", "sse4.1": "sse4_1", "sse4.2": "sse4_2", "avx1.0": "avx", "avx512vnni": "avx512_vnni", "htt": "ht",
      "avx512bf16": "avx512_bf16", "em64t": "lm", "lzcnt": "abm", "avx512vbmi2": "avx512_vbmi2", "clfsh": "clflush",
    ]
    return words.map { word in
      let lower = word.lowercased()
      return spelled[lower] ?? lower
    }
  }

  /// Linux's names of Apple's `hw.optional` keys.
  static let fromMacOSArm: [String: [String]] = [
    "hw.optional.neon": ["asimd", "neon"], "hw.optional.AdvSIMD": ["asimd", "neon"],
    "hw.optional.arm.AdvSIMD": ["asimd", "neon"], "hw.optional.neon_fp16": ["asimdhp"],
    "hw.optional.arm.FEAT_FP16": ["asimdhp", "fphp"],
    "hw.optional.arm.FEAT_DotProd": ["asimddp"], "hw.optional.arm.FEAT_I8MM": ["i8mm"],
    "hw.optional.arm.FEAT_BF16": ["bf16"],
    "hw.optional.arm.FEAT_SME": ["sme"], "hw.optional.arm.FEAT_SME2": ["sme2"],
    "hw.optional.arm.FEAT_FHM": ["asimdfhm"],
    "hw.optional.armv8_2_fhm": ["asimdfhm"], "hw.optional.arm.FEAT_LSE": ["atomics"],
    "hw.optional.armv8_1_atomics": ["atomics"], "hw.optional.armv8_crc32": ["crc32"],
    "hw.optional.arm.FEAT_AES": ["aes"],
    "hw.optional.arm.FEAT_PMULL": ["pmull"], "hw.optional.arm.FEAT_SHA256": ["sha2"],
    "hw.optional.arm.FEAT_SHA3": ["sha3"],
    "hw.optional.arm.FEAT_RDM": ["asimdrdm"], "hw.optional.arm.FEAT_FCMA": ["fcma"],
    "hw.optional.arm.FEAT_JSCVT": ["jscvt"],
    "hw.optional.arm.FEAT_LRCPC": ["lrcpc"], "hw.optional.arm.FEAT_EBF16": ["ebf16"], "hw.optional.avx2_0": ["avx2"],
    "hw.optional.avx512f": ["avx512f"], "hw.optional.avx1_0": ["avx"], "hw.optional.f16c": ["f16c"],
  ]
}
