/// Usual bits for each weight of a format over a whole file, for models whose size is not given.
enum QuantBits {
  /// Returns the bits for a lower-case name; an unknown one counts as the commonest, Q4_K_M.
  static func usual(_ name: String) -> Double { bits[name] ?? 4.85 }

  private static let bits: [String: Double] = [
    "f32": 32, "f16": 16, "bf16": 16, "q8_0": 8.5, "q8_k_xl": 9, "8bit": 8.5, "int8": 8.2, "q8r16": 8.5, "fp8": 8.2,
    "q6_k": 6.6, "q6_k_xl": 7, "q6_0": 6.5, "q5_k_m": 5.7, "q5_k_s": 5.5, "q5_0": 5.5, "q4_k_m": 4.85, "q4_k_xl": 4.9,
    "q4_k_s": 4.6, "q4_k_4": 4.85, "q4_0": 4.6, "q4_1": 5, "iq4_xs": 4.3, "iq4_nl": 4.5, "4bit": 4.55, "int4": 4.3,
    "gptq": 4.3, "awq": 4.3, "mxfp4": 4.3, "nvfp4": 4.6, "q3_k_xl": 4.2, "q3_k_m": 3.9, "q3_k_s": 3.5, "q2_k": 3,
    "iq3_s": 3.5, "iq3_xxs": 3.2, "iq2_m": 2.8, "iq2_xs": 2.4, "iq2_xxs": 2.2,
  ]
}
