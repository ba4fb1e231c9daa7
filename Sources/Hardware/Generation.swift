import Generations
import Platform

/// A generation of hardware: kernels are written for one, so what devices of it have in common is more than a name.
///
/// The data are `profiles/generations/*.json`.
public struct Generation: Hashable, Sendable, Codable {
  /// `hopper`, `rdna4`... A key of the fitted constants.
  public var name: String
  /// Compute capabilities (`9.0`) or instruction sets (`gfx942`).
  public var architectures: [String]?
  /// PCI device numbers in hexadecimal, single or as ranges: `2300-23ff`.
  public var pciDevices: [String]?
  /// Parts of products' short names, for devices of which nothing else is known; a leading `^` is the name's beginning.
  public var names: [String]
  /// Multiplications that one core's matrix units do in a cycle, over those of Volta; nil is 1.
  public var matrixWidth: Double?
  public var multipliesFP8: Bool?
  public var multipliesFP4: Bool?
  /// The scale-up link of its server boards, one direction, 10^9 bytes a second (makers' datasheets); nil is not known.
  public var linkGigabytesPerSecond: Double?

  public init(name: String, architectures: [String]? = nil, names: [String] = []) {
    self.name = name
    self.architectures = architectures
    self.names = names
  }

  func has(pciDevice number: Int) -> Bool {
    (pciDevices ?? []).contains { text in
      let ends = text.split(separator: "-").compactMap { Int($0, radix: 16) }
      return ends.count == 2 ? (ends[0]...max(ends[0], ends[1])).contains(number) : ends.first == number
    }
  }

  /// True where a short name holds one of its parts.
  public func matches(slug: String) -> Bool {
    names.contains { $0.hasPrefix("^") ? slug.hasPrefix($0.dropFirst()) : slug.contains($0) }
  }
}

/// A product that measurements of speed name, by the facts that tell it from others.
public struct KnownProduct: Hashable, Sendable, Codable {
  /// Its short name.
  public var name: String
  /// The name that its variants share.
  public var family: String
  /// The class of hardware that efficiencies are fitted for.
  public var `class`: String
  /// GiB of memory.
  public var gigabytes: Double
  /// 10^9 bytes a second.
  public var gigabytesPerSecond: Double
  /// Dense 10^12 operations a second at 16 bits, at the faster accumulation where it has two; nil where not published.
  public var teraflops: Double?
}

/// The generations and products of one maker, or those of processors.
public struct GenerationTable: Hashable, Sendable, Codable {
  public var maker: String
  public var generations: [Generation]
  public var products: [KnownProduct]

  public init(maker: String, generations: [Generation] = [], products: [KnownProduct] = []) {
    self.maker = maker
    self.generations = generations
    self.products = products
  }

  /// The tables of this version. A file that cannot be read leaves its maker without one; tests read them all.
  public static let shipped: [GenerationTable] = ShippedGenerations.files.compactMap {
    try? JSONDecoder().decode(GenerationTable.self, from: Data($0))
  }

  /// The table of processors.
  public static let processors = table("processors")

  static func table(_ maker: String) -> GenerationTable {
    shipped.first { $0.maker == maker } ?? GenerationTable(maker: maker)
  }

  /// Returns the generation of a device: by its architecture, then by its PCI device number; the name decides last, and
  /// among those that the others leave.
  public func generation(architecture: String?, pciDevice: Int? = nil, slug: String) -> Generation? {
    var left = generations
    if let architecture {
      let own = left.filter { $0.architectures?.contains(architecture.lowercased()) ?? false }
      // An architecture that no generation lists is a newer one: its name would be a guess.
      let isListed = left.contains { !($0.architectures ?? []).isEmpty }
      if isListed { left = own }
    }
    if left.count > 1, let pciDevice {
      let own = left.filter { $0.has(pciDevice: pciDevice) }
      if !own.isEmpty { left = own }
    }
    if left.count == 1, architecture != nil || pciDevice != nil { return left[0] }
    return left.first { $0.matches(slug: slug) } ?? (architecture == nil ? nil : left.first)
  }

  /// Returns the generation that a short name alone implies.
  public func generation(slug: String) -> Generation? { generations.first { $0.matches(slug: slug) } }

  /// Returns the product that has a device's facts: the one of its name where that agrees with them, else the nearest.
  ///
  /// - Parameters:
  ///   - gigabytes: GiB of memory.
  ///   - teraflops: at 16 bits; a GeForce's datasheet may state half of what `KnownProduct` does.
  public func product(gigabytes: Double, gigabytesPerSecond: Double, teraflops: Double?, family: String)
    -> KnownProduct?
  {
    func distance(_ product: KnownProduct) -> Double {
      let memory = (product.gigabytes / gigabytes - 1).magnitude
      let bandwidth = (product.gigabytesPerSecond / gigabytesPerSecond - 1).magnitude
      guard let teraflops, teraflops > 0, let own = product.teraflops else { return memory + bandwidth }
      let rate = [1, 2].map { (own / (teraflops * $0) - 1).magnitude }.min() ?? 0
      return memory + bandwidth + rate
    }
    let named = products.filter { $0.family == family }.min { distance($0) < distance($1) }
    if let named, distance(named) < 0.3 { return named }
    return products.filter { distance($0) < 0.15 }.min { distance($0) < distance($1) }
  }
}

extension Generation {
  private static let byName: [String: Generation] = Dictionary(
    GenerationTable.shipped.flatMap(\.generations).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Returns the generation of that name, of any maker in the catalogue.
  public static func named(_ name: String) -> Generation? {
    byName[name] ?? MakerCatalogue.current.all.lazy.flatMap(\.generations.generations).first { $0.name == name }
  }
}
