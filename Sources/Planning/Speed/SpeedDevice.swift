import Hardware

/// What the speed model knows of one device: an accelerator, or all the processors of a machine together.
public struct SpeedDevice: Hashable, Sendable, Codable {
  /// A short name such as `rtx-4090`, or the model's name in that form.
  public var slug: String
  /// Devices that are variants of each other share it; a fit leaves them out together.
  public var family: String
  public var deviceClass: DeviceClass
  public var generation: String
  /// Bytes a second.
  public var bandwidth: Double
  /// Dense operations a second at 16 bits, at the faster accumulation where a card has two.
  public var peak: Double
  /// Cores that the peak is shared by; nil where the device has none of its own, or their number is not known.
  public var cores: Double?
  /// Operations a second of one core at a prompt's quantized products, where its rate was measured; nil takes its share of the peak.
  public var coreRate: Double?
  /// Bytes of its memory.
  public var memory: Double
  /// One direction to its peers, bytes a second.
  public var linkBandwidth: Double
  /// True where peers talk over NVLink, xGMI or the like rather than through the host.
  public var hasFastLink: Bool
  /// Reads of the host's memory, bytes a second, for what lies on the CPU.
  public var hostBandwidth: Double
  /// What was taken for want of a fact, and matters where a plan rests on it.
  public var assumed: Set<AssumedFact> = []

  /// - Parameter known: the generation, where facts tell it; nil takes what the short name implies.
  public init(
    slug: String, family: String, deviceClass: DeviceClass, bandwidth: Double, peak: Double, memory: Double,
    generation known: String? = nil
  ) {
    self.slug = slug
    self.family = family
    self.deviceClass = deviceClass
    generation = known ?? DeviceClass.generation(ofSlug: slug, class: deviceClass)
    self.bandwidth = bandwidth
    // The datasheets of these two count additions in 32 bits; those of their kin, with the same units, in 16.
    self.peak = slug == "l40" || slug == "l20" ? 2 * peak : peak
    self.memory = memory
    hostBandwidth = 50e9
    let isServer = deviceClass == .nvidiaDataCentre || deviceClass == .amdCDNA || deviceClass == .gaudi
    hasFastLink = isServer && !slug.contains("pcie") && generation != "ada"
    linkBandwidth = hasFastLink ? SpeedDevice.usualLink(of: generation) : 12e9
  }

  /// The usual scale-up link of a generation's server boards, one direction (makers' datasheets).
  static func usualLink(of generation: String) -> Double {
    (Generation.named(generation)?.linkGigabytesPerSecond ?? 300) * 1e9
  }

  /// How many times faster than at 16 bits the device multiplies numbers of a precision.
  func speedup(at precision: Precision) -> Double {
    switch precision {
    case .fp8: deviceClass == .gaudi || !hasFP8 ? 1 : 2
    case .int8: deviceClass.isNVIDIA ? 2 : 1
    // Others unpack them to 16 bits.
    case .fp4: Generation.named(generation)?.multipliesFP4 == true ? 4 : 1
    case .int4, .f16, .gguf: 1
    }
  }

  /// True where the device multiplies 8-bit floats natively.
  var hasFP8: Bool { Generation.named(generation)?.multipliesFP8 == true }
}

/// A fact of a device that a usual value stands in for.
public enum AssumedFact: String, Hashable, Sendable, Codable {
  case hostBandwidth, linkBandwidth, peak
  /// That a server's captured graphs, with which all loads were measured, make up for launches that are not captured.
  case graphs
}

/// The number format that a serving engine multiplies in; its name is a key of the fitted constants.
public enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
  case fp4 = "fp4"
  case int4 = "int4"
  case fp8 = "fp8"
  case int8 = "int8"
  case f16 = "f16"
  case gguf = "gguf"

  /// Bytes of storage for each weight where no file says it, scales and unquantized tensors included.
  package var bytesPerWeight: Double {
    switch self {
    case .fp4: 0.58
    case .int4: 0.55
    case .fp8, .int8: 1.03
    case .f16: 2
    case .gguf: 0.61
    }
  }
}

/// Families of weight formats whose kernels behave alike; their names are keys of the fitted constants.
public enum QuantKind: String, Hashable, Sendable, Codable, CaseIterable {
  case f16 = "f16"
  case q8 = "q8"
  case k6 = "k6"
  case k4 = "k4"
  case q4 = "q4"
  case k3 = "k3"
  case iq = "iq"
  case fp4 = "fp4"

  /// Returns the family of a format's name in any spelling.
  public init(named name: String) {
    let name = name.lowercased()
    switch name {
    case "f16", "bf16", "fp16", "f32": self = .f16
    case "q8_0", "8bit", "int8", "q8_k_xl", "q8r16", "q8_1", "fp8", "mxfp8": self = .q8
    case "q6_k", "q6_k_xl", "q6_k_l", "q5_k_m", "q5_k_s", "q5_0", "q5_1", "q6_0", "6bit": self = .k6
    case "q4_0", "q4_1", "4bit", "iq4_nl", "iq4_xs", "q4_k_4", "int4", "gptq", "awq": self = .q4
    case "mxfp4", "nvfp4", "mxfp4_moe", "fp4": self = .fp4
    default:
      if ["iq1", "iq2", "iq3", "tq"].contains(where: name.hasPrefix) {
        self = .iq
      } else if name.hasPrefix("q2") || name.hasPrefix("q3") || name == "3bit" {
        self = .k3
      } else {
        self = .k4
      }
    }
  }
}
