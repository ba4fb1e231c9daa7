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
    for (prefixes, generation) in generations where prefixes.contains(where: { slug.matchesSlug($0) }) {
      return generation
    }
    if slug.hasPrefix("apple-m"), let digit = slug.dropFirst(7).first { return "apple-m\(digit)" }
    return deviceClass.rawValue
  }

  /// Multiplications that one core's matrix units do in a cycle, over those of Volta, Turing, Ada and consumer Blackwell.
  static func matrixWidth(of generation: String) -> Double {
    switch generation {
    case "ampere-dc": 2
    case "hopper": 4
    case "blackwell-dc": 8
    default: 1
    }
  }

  /// The generation of processors whose peak counts vectors of 512 bits.
  static let wideVectors = "cpu-avx512"

  /// A leading `^` anchors the pattern at the start of the slug.
  private static let generations: [(patterns: [String], name: String)] = [
    (["^h100", "^h200", "^gh200", "^h20", "^h800"], "hopper"),
    (["^b200", "^gb200", "^b300", "^gb300", "^b100"], "blackwell-dc"),
    (["^a100", "^a30", "^a800"], "ampere-dc"),
    (["^a10", "^a40", "^a16"], "ampere"),
    (["^l4", "^l20"], "ada"),
    (["v100", "titan-v"], "volta"),
    (["^t4", "tesla-t4", "quadro-rtx", "rtx-20", "titan-rtx"], "turing"),
    (["^gtx-16"], "turing16"),
    (["^gtx-9", "^gtx-10", "p40", "p100", "titan-x"], "pascal"),
    (["rtx-40", "-ada"], "ada"),
    (["rtx-50", "rtx-pro", "gb10", "thor", "dgx-spark"], "blackwell"),
    (["rtx-30", "rtx-a", "orin"], "ampere"),
    (["^rx-6"], "rdna2"),
    (["^rx-7", "^w7", "^radeon-pro-w7", "strix", "ryzen-ai-max"], "rdna3"),
    (["^rx-9", "^r9", "^radeon-ai-pro-r9"], "rdna4"),
    (["^mi1", "^mi2", "^mi50", "^mi60"], "cdna2"),
    (["^mi35"], "cdna4"),
    (["^mi3"], "cdna3"),
    (["^arc-a"], "xe-a"),
    (["^arc-b", "^arc-pro-b"], "xe-b"),
    (["xeon-e", "xeon-x5", "xeon-cpu-e", "^core-", "core-i", "core-ultra"], "cpu-intel"),
    (["xeon", "^gcp-c3"], wideVectors),
    (["epyc", "ryzen", "threadripper"], "cpu-amd"),
    (["ampere-altra", "altra", "ampereone", "graviton", "neoverse", "^orion", "^ms-r1"], "cpu-arm"),
  ]
}

extension String {
  fileprivate func matchesSlug(_ pattern: String) -> Bool {
    pattern.hasPrefix("^") ? hasPrefix(pattern.dropFirst()) : contains(pattern)
  }
}
