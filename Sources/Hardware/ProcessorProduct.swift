import Units

/// What a processor is sold as, from everything that tells products with the same core apart.
///
/// The core alone does not tell: Altra and Graviton2 are both Neoverse N1, and the 8-channel and 12-channel AmpereOne
/// share one part number. Firmware names, PCI root complexes and the cloud's name decide; what none of them tells stays nil.
struct ProcessorProduct {
  /// The main core's implementer and part, where it is an Arm.
  var implementer: Int?
  var part: Int?
  /// Every name that firmware or a tool gives: DMI version and part number, lscpu's BIOS model, device tree.
  var names: [String] = []
  var systemVendor: String?
  var systemProduct: String?
  /// Cores of one package, for telling Altra from Altra Max.
  var coresPerPackage: Int?
  /// Sockets with a processor, as firmware lists them.
  var sockets: Int?
  /// True where a PCI root complex carries Ampere Computing's vendor number, 0x1def.
  var hasAmpereRoot = false

  /// Returns the product and the evidence for it.
  func identified() -> Figure<String>? {
    if let named = named() { return named }
    guard let implementer, let part else { return nil }
    let amazon = isCloud("amazon")
    switch (implementer, part) {
    case (0xc0, 0xac3): return Figure("AmpereOne", .probed, "core 0xc0/0xac3")
    case (0xc0, 0xac4):
      return Figure("AmpereOne", .probed, "core 0xc0/0xac4, which the 8- and the 12-channel kinds share")
    case (0xc0, _): return Figure("AmpereOne", .probed, "implementer 0xc0")
    case (0x41, 0xd0c) where amazon: return Figure("Graviton2", .probed, "Neoverse N1 on Amazon EC2")
    case (0x41, 0xd40) where amazon: return Figure("Graviton3", .probed, "Neoverse V1 on Amazon EC2")
    case (0x41, 0xd4f) where amazon: return Figure("Graviton4", .probed, "Neoverse V2 on Amazon EC2")
    case (0x41, 0xd84) where amazon: return Figure("Graviton5", .probed, "Neoverse V3 on Amazon EC2")
    case (0x41, 0xd4f) where isCloud("google"): return Figure("Axion", .probed, "Neoverse V2 on Google Cloud")
    case (0x41, 0xd49) where isCloud("microsoft"), (0x6d, 0xd49):
      return Figure("Cobalt 100", .probed, "Neoverse N2 on Azure")
    case (0x41, 0xd4f) where isCloud("nvidia"): return Figure("Grace", .probed, "Neoverse V2 in an NVIDIA system")
    case (0x41, 0xd0c) where hasAmpereRoot || isCloud("ampere"): return altra("Neoverse N1 beside an Ampere PCI root")
    case (0x48, 0xd01): return Figure("Kunpeng 920", .probed, "core 0x48/0xd01")
    case (0x46, 0x001): return Figure("A64FX", .probed, "core 0x46/0x001")
    default: return nil
    }
  }

  /// Reads the names that firmware and tools give.
  private func named() -> Figure<String>? {
    for name in names {
      let lower = name.lowercased()
      if lower.contains("ampereone") || Self.isAmpereOnePart(lower) {
        return Figure(Self.ampereOne(lower), .probed, "firmware name \(name)")
      }
      if let cores = Self.altraCores(lower) {
        return Figure(cores > 80 ? "Altra Max" : "Altra", .probed, "firmware name \(name)")
      }
      if lower.contains("altra max") || lower.contains("altramax") {
        return Figure("Altra Max", .probed, "firmware name \(name)")
      }
      if lower.contains("altra") { return altra("firmware name \(name)") }
      for product in [
        "Graviton5", "Graviton4", "Graviton3", "Graviton2", "Kunpeng 920", "Grace", "Axion", "Cobalt 100",
      ]
      where lower.contains(product.lowercased()) {
        return Figure(product, .probed, "firmware name \(name)")
      }
    }
    return nil
  }

  /// Altra has at most 80 cores in a package and Altra Max at least 96.
  private func altra(_ evidence: String) -> Figure<String> {
    guard let coresPerPackage, coresPerPackage > 80 else { return Figure("Altra", .probed, evidence) }
    return Figure("Altra Max", .probed, "\(evidence), \(coresPerPackage) cores in a package")
  }

  /// The letter after the frequency tells the platform: `A192-32X` has 8 memory channels, `A192-32M` has 12.
  private static func ampereOne(_ lower: String) -> String {
    if lower.contains("ampereone m") || lower.contains("ampereone(r) m") || lower.contains("ampereone (r) m") {
      return "AmpereOne M"
    }
    guard let word = words(lower).first(where: isAmpereOnePart) else { return "AmpereOne" }
    return word.hasSuffix("m") ? "AmpereOne M" : word.hasSuffix("x") ? "AmpereOne X" : "AmpereOne"
  }

  private static func isAmpereOnePart(_ text: String) -> Bool {
    words(text).contains { word in
      let parts = word.split(separator: "-")
      guard parts.count == 2, parts[0].first == "a", let cores = Int(parts[0].dropFirst()) else { return false }
      return (96...512).contains(cores) && parts[1].prefix(2).allSatisfy(\.isNumber) && parts[1].count <= 3
    }
  }

  /// `Q80-26` and `M128-30` are Altra and Altra Max part numbers: a letter, cores, frequency.
  private static func altraCores(_ text: String) -> Int? {
    for word in words(text) {
      let parts = word.split(separator: "-")
      guard parts.count == 2, parts[1].count == 2, Int(parts[1]) != nil, let letter = word.first,
        letter == "q" || letter == "m", let cores = Int(parts[0].dropFirst()), (32...128).contains(cores)
      else { continue }
      return cores
    }
    return nil
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "," || $0 == "(" || $0 == ")" }.map { String($0) }
  }

  private func isCloud(_ word: String) -> Bool {
    [systemVendor, systemProduct].contains { $0?.lowercased().contains(word) ?? false }
  }
}
