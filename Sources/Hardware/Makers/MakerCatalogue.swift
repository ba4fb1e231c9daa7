/// Every maker that Plimsoll knows.
public struct MakerCatalogue: Sendable {
  public let all: [MakerFacts]
  /// Every alias in plain words.
  private let spellings: [(maker: Maker, words: String)]

  public init(_ all: [MakerFacts]) {
    self.all = all
    spellings = all.flatMap { facts in facts.aliases.map { (facts.maker, Self.plain($0)) } }
  }

  /// The makers of this version; one more is a file beside this one and a word here.
  public static let shipped = MakerCatalogue(
    [NVIDIA.facts, AMD.facts, Intel.facts, Habana.facts, Apple.facts] + OtherMakers.facts)

  /// The catalogue in force: the shipped one, unless a caller works with another.
  @TaskLocal public static var current = shipped

  /// Returns the facts of a maker; those that hold for most where it is not listed.
  public func facts(of maker: Maker) -> MakerFacts {
    all.first { $0.maker == maker } ?? MakerFacts(maker, aliases: [maker.name])
  }

  /// Returns the maker with that PCI vendor number.
  public func maker(pciVendor number: Int) -> Maker? { all.first { $0.pciVendors.contains(number) }?.maker }

  /// Returns the maker that a text names: by a PCI vendor number, or by the longest alias that the text begins with.
  public func maker(named words: String) -> Maker {
    if let number = Self.vendorNumber(words), let known = maker(pciVendor: number) { return known }
    let plain = Self.plain(words)
    let known = spellings.filter { $0.words == plain || plain.hasPrefix($0.words + " ") }
    return known.max { $0.words.count < $1.words.count }?.maker ?? Maker(canonical: words)
  }

  /// The number in `0x10de`, `10de`, `[10de]` or `PCI\VEN_10DE`.
  private static func vendorNumber(_ words: String) -> Int? {
    var text = words.lowercased().filter { !$0.isWhitespace && $0 != "[" && $0 != "]" }[...]
    for prefix in ["pci\\ven_", "ven_", "0x"] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
    return text.count == 4 ? Int(text, radix: 16) : nil
  }

  /// Lower-case words with single spaces, without trade marks and punctuation.
  private static func plain(_ words: String) -> String {
    var text = words.lowercased()
    for mark in ["(r)", "(tm)", "(c)", "®", "™"] {
      while text.contains(mark), let place = text.firstRange(of: mark) { text.replaceSubrange(place, with: " ") }
    }
    return text.split { !($0.isLetter || $0.isNumber) }.joined(separator: " ")
  }
}
