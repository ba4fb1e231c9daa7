/// A mix of tensor types that llama-quantize makes, by the name that it takes on its command line.
public enum GGUFFileType: String, Hashable, Sendable, Codable, CaseIterable {
  case f32 = "F32"
  case bf16 = "BF16"
  case f16 = "F16"
  case q80 = "Q8_0"
  case q6k = "Q6_K"
  case q5km = "Q5_K_M"
  case q51 = "Q5_1"
  case q5ks = "Q5_K_S"
  case q50 = "Q5_0"
  case q41 = "Q4_1"
  case q4km = "Q4_K_M"
  case q4ks = "Q4_K_S"
  case iq4nl = "IQ4_NL"
  case q40 = "Q4_0"
  case iq4xs = "IQ4_XS"
  case mxfp4 = "MXFP4_MOE"
  case q3kl = "Q3_K_L"
  case q3km = "Q3_K_M"
  case iq3m = "IQ3_M"
  case q3ks = "Q3_K_S"
  case iq3s = "IQ3_S"
  case iq3xs = "IQ3_XS"
  case iq3xxs = "IQ3_XXS"
  case q2k = "Q2_K"
  case q2ks = "Q2_K_S"
  case iq2m = "IQ2_M"
  case iq2s = "IQ2_S"
  case iq2xs = "IQ2_XS"
  case q20 = "Q2_0"
  case iq2xxs = "IQ2_XXS"
  case tq20 = "TQ2_0"
  case iq1m = "IQ1_M"
  case tq10 = "TQ1_0"
  case iq1s = "IQ1_S"
  case q10 = "Q1_0"

  /// The number that a header's `general.file_type` holds (llama.h, `enum llama_ftype`).
  public var id: Int {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q40: 2
    case .q41: 3
    case .q80: 7
    case .q50: 8
    case .q51: 9
    case .q2k: 10
    case .q3ks: 11
    case .q3km: 12
    case .q3kl: 13
    case .q4ks: 14
    case .q4km: 15
    case .q5ks: 16
    case .q5km: 17
    case .q6k: 18
    case .iq2xxs: 19
    case .iq2xs: 20
    case .q2ks: 21
    case .iq3xs: 22
    case .iq3xxs: 23
    case .iq1s: 24
    case .iq4nl: 25
    case .iq3s: 26
    case .iq3m: 27
    case .iq2s: 28
    case .iq2m: 29
    case .iq4xs: 30
    case .iq1m: 31
    case .bf16: 32
    case .tq10: 36
    case .tq20: 37
    case .mxfp4: 38
    case .q10: 40
    case .q20: 41
    }
  }

  /// Returns the name for a header's number, those included that only converters write.
  static func name(id: Int) -> String? {
    // Bit 10 says that the number was guessed from the tensors.
    let id = id & ~1024
    if id == 39 { return "NVFP4" }
    return allCases.first { $0.id == id }?.rawValue
  }

  /// The name of the type that most tensors get.
  var defaultType: String {
    switch self {
    case .q2ks: "Q2_K"
    case .q3ks, .q3km, .q3kl: "Q3_K"
    case .q4ks, .q4km: "Q4_K"
    case .q5ks, .q5km: "Q5_K"
    // These two are named for what the whole file comes to, not for what they are made of.
    case .iq2s: "IQ2_XS"
    case .iq2m: "IQ2_S"
    case .iq3xs, .iq3s, .iq3m: "IQ3_S"
    case .mxfp4: "MXFP4"
    default: rawValue
    }
  }
}
