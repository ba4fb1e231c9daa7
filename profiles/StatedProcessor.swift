import Hardware
import Units

/// What a line says of a processor that it does not name: `cpu 8 cores avx2`.
public struct StatedProcessor: Hashable, Sendable {
  public var sockets: Int?
  /// Physical cores in all.
  public var cores: Int?
  public var threads: Int?
  public var megahertz: Double?
  /// Instruction sets as Linux names them.
  public var features: [String] = []
  public var architecture: String?

  public init() {}

  /// Reads words such as `8 cores avx2 3.5 GHz`, after those of earlier pieces.
  ///
  /// - Returns: the first word that says nothing of a processor; nil where all do.
  mutating func read(_ words: [String]) -> String? {
    var rest = words[...].flatMap { Self.parted($0) }[...]
    while let word = rest.popFirst() {
      if let number = Double(word) {
        guard let unit = rest.popFirst() else { return word }
        if !take(number, unit) { return "\(word) \(unit)" }
      } else if let known = Self.instructionSets[word] {
        guard architecture == nil || architecture == known.architecture else { return word }
        architecture = known.architecture
        for feature in known.features where !features.contains(feature) { features.append(feature) }
      } else {
        return word
      }
    }
    return nil
  }

  private mutating func take(_ number: Double, _ unit: String) -> Bool {
    let count = Int(exactly: number).flatMap { (1...65_536).contains($0) ? $0 : nil }
    switch unit {
    case "core", "cores": cores = count
    case "thread", "threads", "vcpu", "vcpus": threads = count
    case "socket", "sockets": sockets = count
    case "ghz": megahertz = (0.1...20).contains(number) ? number * 1000 : nil
    case "mhz": megahertz = (100...20_000).contains(number) ? number : nil
    default: return false
    }
    return unit.hasSuffix("hz") ? megahertz != nil : count != nil
  }

  /// `8-core` and `3.5ghz` are two words each.
  private static func parted(_ word: String) -> [String] {
    let lower = word.lowercased()
    let digits = lower.prefix { $0.isNumber || $0 == "." }
    let unit = lower.dropFirst(digits.count).drop { $0 == "-" }
    let units: Set<Substring> = [
      "core", "cores", "thread", "threads", "vcpu", "vcpus", "socket", "sockets", "ghz", "mhz",
    ]
    return !digits.isEmpty && units.contains(unit) ? [String(digits), String(unit)] : [lower]
  }

  private static let instructionSets: [String: (architecture: String, features: [String])] = {
    let x86: [String: [String]] = [
      "x86": [], "x86_64": [], "amd64": [], "sse4.2": ["sse4_2"], "sse4_2": ["sse4_2"], "avx": ["avx"],
      "avx2": ["avx2"],
      "avx512": ["avx2", "avx512"], "avx512f": ["avx2", "avx512f"], "avx-vnni": ["avx2", "avx_vnni"],
      "avx_vnni": ["avx2", "avx_vnni"], "avx512_vnni": ["avx2", "avx512", "avx512_vnni"],
      "avx512-vnni": ["avx2", "avx512", "avx512_vnni"], "vnni": ["avx2", "avx512", "avx512_vnni"],
      "avx512_bf16": ["avx2", "avx512", "avx512_bf16"],
      "amx": ["avx2", "avx512", "amx_tile", "amx_int8", "amx_bf16"],
      "amx_int8": ["avx2", "avx512", "amx_tile", "amx_int8"], "amx_bf16": ["avx2", "avx512", "amx_tile", "amx_bf16"],
    ]
    let arm: [String: [String]] = [
      "arm": [], "arm64": [], "aarch64": [], "neon": ["asimd"], "asimd": ["asimd"], "dotprod": ["asimd", "asimddp"],
      "asimddp": ["asimd", "asimddp"], "i8mm": ["asimd", "asimddp", "i8mm"], "bf16": ["asimd", "bf16"], "sve": ["sve"],
      "sve2": ["sve", "sve2"], "sme": ["sme"],
    ]
    return Dictionary(uniqueKeysWithValues: x86.map { ($0.key, ("x86_64", $0.value)) })
      .merging(arm.map { ($0.key, ("aarch64", $0.value)) }) { first, _ in first }
  }()
}

extension Processor {
  /// Takes what a line states, which goes before what an entry says.
  mutating func state(_ stated: StatedProcessor) {
    func figure<Value>(_ value: Value) -> Figure<Value> { Figure(value, .user, "stated in the line") }
    if let sockets = stated.sockets { packages = figure(sockets) }
    if let cores = stated.cores { self.cores = figure(cores) }
    if let threads = stated.threads { self.threads = figure(threads) }
    if let megahertz = stated.megahertz { self.megahertz = figure(megahertz) }
    if !stated.features.isEmpty { features = figure(stated.features) }
    if let architecture = stated.architecture { self.architecture = figure(architecture) }
  }
}
