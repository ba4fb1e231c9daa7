/// Who makes an accelerator, by one name in whatever words a machine, a tool or a person gives.
///
/// `NVIDIA Corporation`, `nvidia` and the PCI vendor `0x10de` are the same maker; a maker that the catalogue does not know
/// keeps the words that were given. What differs by maker stands in `MakerFacts`, one file for each.
public struct Maker: Hashable, Sendable {
  /// The name that is printed and written: `NVIDIA`, `AMD`, `Intel`, `Habana`, `Apple`...
  public let name: String

  /// Creates the maker that the catalogue knows by a name, in any spelling, or by its PCI vendor number.
  public init(_ words: String) { self = MakerCatalogue.current.maker(named: words) }

  /// Creates a maker from the one spelling of its name.
  public init(canonical name: String) { self.name = name }

  /// Where nothing tells who made a device.
  public static let unknown = Maker(canonical: "unknown")

  /// Everything that differs by maker; for one that the catalogue does not know, what holds for most.
  public var facts: MakerFacts { MakerCatalogue.current.facts(of: self) }
}

extension Maker: CustomStringConvertible {
  public var description: String { name }
}

extension Maker: Comparable {
  public static func < (left: Maker, right: Maker) -> Bool { left.name < right.name }
}

/// Coded as its name.
extension Maker: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
