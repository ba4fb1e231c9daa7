import Hardware

/// The classes of hardware that efficiencies are fitted for; their names are keys of the fitted constants.
public enum DeviceClass: String, Hashable, Sendable, Codable, CaseIterable {
  case nvidiaDataCentre = "nv-dc"
  case nvidiaPro = "nv-pro"
  case nvidiaGeForce = "nv-geforce"
  /// Before tensor cores: Pascal and the GTX 16 series.
  case nvidiaOld = "nv-old"
  case nvidiaUnified = "nv-unified"
  case amdCDNA = "amd-cdna"
  case amdRDNA = "amd-rdna"
  case amdIntegrated = "amd-igpu"
  case intelGPU = "intel-gpu"
  case gaudi = "gaudi"
  case apple = "apple"
  /// Apple's chips whose GPU cores have matrix units.
  case appleM5 = "apple-m5"
  case cpu = "cpu"
  case smallBoard = "cpu-sbc"
  /// Anything else: predicted from the common base with a wide band.
  case unknown = "unknown"

  /// True where the device's memory is the machine's memory, so that nothing has to be offloaded.
  public var isUnified: Bool {
    switch self {
    case .nvidiaUnified, .amdIntegrated, .apple, .appleM5, .cpu, .smallBoard: true
    default: false
    }
  }

  /// True where the processor itself computes.
  public var isProcessor: Bool { self == .cpu || self == .smallBoard }

  package var isApple: Bool { self == .apple || self == .appleM5 }

  var isNVIDIA: Bool { rawValue.hasPrefix("nv-") }

  /// Whose kernels run on it: classes of one vendor differ less than vendors do.
  var vendor: String {
    switch self {
    case .nvidiaDataCentre, .nvidiaPro, .nvidiaGeForce, .nvidiaOld, .nvidiaUnified: "nvidia"
    case .amdCDNA, .amdRDNA, .amdIntegrated: "amd"
    case .intelGPU, .gaudi: "intel"
    case .apple, .appleM5: "apple"
    case .cpu, .smallBoard: "cpu"
    case .unknown: "unknown"
    }
  }
}

extension DeviceClass {
  /// Returns the hardware generation that a device's short name implies, else the class's own name.
  ///
  /// Kernels are written for a generation, so efficiencies follow it more closely than they follow the class.
  static func generation(ofSlug slug: String, class deviceClass: DeviceClass) -> String {
    deviceClass.generations.generation(slug: slug)?.name ?? deviceClass.rawValue
  }

  /// Multiplications that one core's matrix units do in a cycle, over those of Volta, Turing, Ada and consumer Blackwell.
  static func matrixWidth(of generation: String) -> Double {
    Generation.named(generation)?.matrixWidth ?? 1
  }

  /// The generation of processors whose peak counts vectors of 512 bits.
  static let wideVectors = "cpu-avx512"

  /// The generations that devices of the class can be of.
  private var generations: GenerationTable { maker.map(\.facts.generations) ?? GenerationTable.processors }

  /// Who makes devices of the class; nil for processors, and where that is not known.
  private var maker: Maker? {
    switch self {
    case .nvidiaDataCentre, .nvidiaPro, .nvidiaGeForce, .nvidiaOld, .nvidiaUnified: .nvidia
    case .amdCDNA, .amdRDNA, .amdIntegrated: .amd
    case .intelGPU: .intel
    case .gaudi: .habana
    case .apple, .appleM5: .apple
    case .cpu, .smallBoard, .unknown: nil
    }
  }
}
