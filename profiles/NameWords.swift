/// A part's name brought to words, so that the spellings of people, drivers and the catalogue can be compared: `RTX4060`,
/// `NVIDIA GeForce RTX 4060` and `rtx-4060` differ in nothing but the maker.
///
/// A number is a word of its own and is never taken for the beginning of another: `rtx-40` is no card.
struct NameWords: Hashable, Sendable {
  /// The words that were written without anything between them, as `m4` or `rtx4060`.
  var pieces: [[String]]

  /// All words in order.
  var words: [String] { pieces.flatMap { $0 } }

  init(_ name: String) {
    var pieces: [[String]] = []
    var piece: [UInt8] = []
    func end(_ piece: inout [UInt8]) {
      if !piece.isEmpty { pieces.append(Self.split(piece)) }
      piece.removeAll(keepingCapacity: true)
    }
    let bytes = Array(name.utf8)
    var index = 0
    while index < bytes.count {
      let byte = Self.lowercased(bytes[index])
      index += 1
      if Self.isDigit(byte) || Self.isLetter(byte) {
        piece.append(byte)
        continue
      }
      end(&piece)
      if byte == UInt8(ascii: "+") { pieces.append(["plus"]) }
      // "(R)" and "(TM)" are no words.
      if byte == UInt8(ascii: "("), let close = bytes[index...].prefix(3).firstIndex(of: UInt8(ascii: ")")) {
        let mark = bytes[index..<close].map { Self.lowercased($0) }
        if Self.marks.contains(mark) { index = close + 1 }
      }
    }
    end(&piece)
    // Azure writes `Standard_` before its sizes.
    if pieces.count > 1, pieces[0] == ["standard"] { pieces.removeFirst() }
    self.pieces = Self.joiningAmounts(pieces.map { Self.short[$0] ?? $0 })
  }

  private static let marks: [[UInt8]] = ["r", "tm", "c"].map { Array($0.utf8) }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) || byte >= 0x80 }

  /// Parts letters from digits, but for amounts (`80gb`, `40core`) and forms whose number tells nothing more (`sxm5`).
  private static func split(_ piece: [UInt8]) -> [String] {
    var words: [String] = []
    var start = 0
    for index in 1...piece.count where index == piece.count || isDigit(piece[index]) != isDigit(piece[start]) {
      words.append(String(decoding: piece[start..<index], as: UTF8.self))
      start = index
    }
    if let first = words.first, first == "sxm" || first == "hbm" { return [first] }
    if words.count == 2, let unit = units[words[1]] ?? (words[1] == "g" ? "gb" : nil), isDigit(piece[0]) {
      return [words[0] + unit]
    }
    return words
  }

  /// What people write for the longest names.
  private static let short = [["mbp"]: ["macbook", "pro"], ["mba"]: ["macbook", "air"]]

  private static let units = ["gb": "gb", "gib": "gb", "core": "core", "cores": "core"]

  /// `80 GB` is one word, as `80gb` is.
  private static func joiningAmounts(_ pieces: [[String]]) -> [[String]] {
    var joined: [[String]] = []
    for piece in pieces {
      if piece.count == 1, let unit = units[piece[0]], let last = joined.last, last.count == 1,
        last[0].allSatisfy(\.isNumber)
      {
        joined[joined.count - 1] = [last[0] + unit]
      } else {
        joined.append(piece)
      }
    }
    return joined
  }
}

extension NameWords {
  /// How the words of an entry's name answer those that were asked for.
  enum Answer: Comparable {
    /// Some word that was asked for is missing.
    case none
    /// All are there, beside others that make it another product: `rtx-4060-ti-16gb` for `rtx-4060`.
    case kind
    /// All are there, and what is left tells no product apart: a maker, a family, a form, an amount of memory.
    case same
  }

  /// Compares an entry's name with what was asked for.
  func answer(_ asked: NameWords) -> Answer {
    let own = words
    var isCovered = [Bool](repeating: false, count: own.count)
    var hasMatch = false
    for piece in asked.pieces {
      guard let range = Self.place(of: piece, in: own, besides: isCovered) else {
        if piece.allSatisfy({ Self.makers.contains($0) }) { continue }
        return .none
      }
      hasMatch = true
      for index in range { isCovered[index] = true }
    }
    guard hasMatch else { return .none }
    let isMac = own.contains { $0 == "mac" || $0 == "macbook" || $0 == "imac" }
    let isSame = own.indices.allSatisfy { isCovered[$0] || Self.isAside(own, $0, isMac) }
    return isSame ? .same : .kind
  }

  /// True where an amount of memory tells entries apart, and the name that was asked for has none.
  func leavesOpen(_ asked: NameWords) -> Bool {
    func amount(_ word: String) -> Bool { word.hasSuffix("gb") && word.first?.isNumber == true }
    return words.contains(where: amount) && !asked.words.contains { amount($0) || words.contains($0 + "gb") }
  }

  /// The words without the maker's, as one text: equal where two names mean one product.
  var key: String { words.filter { !Self.makers.contains($0) }.joined(separator: "-") }

  /// Where the words of a piece stand one after the other, and no other piece does; `512` is found in `512gb`.
  private static func place(of piece: [String], in own: [String], besides isCovered: [Bool]) -> Range<Int>? {
    guard piece.count <= own.count else { return nil }
    for start in 0...(own.count - piece.count) {
      let range = start..<(start + piece.count)
      if own[range].elementsEqual(piece), !isCovered[range].contains(true) { return range }
    }
    guard piece.count == 1, piece[0].allSatisfy(\.isNumber), let index = own.firstIndex(of: piece[0] + "gb"),
      !isCovered[index]
    else { return nil }
    return index..<(index + 1)
  }

  /// True for a word of an entry's name that may be left out without another product being meant.
  private static func isAside(_ own: [String], _ index: Int, _ isMac: Bool) -> Bool {
    let word = own[index]
    if makers.contains(word) || families.contains(word) { return true }
    if let number = Int(word) {
      // The 7 of "Ryzen 7 7840U" and "Core i7-13700K" follows from the number after it.
      if number < 10, index > 0, own[index - 1] == "ryzen" || own[index - 1] == "i" { return true }
      return isMac && ((2010..<2040).contains(number) || (13...16).contains(number))
    }
    if word == "i" { return index > 0 && own[index - 1] == "core" }
    return word.first?.isNumber == true && (word.hasSuffix("gb") || word.hasSuffix("core"))
  }

  /// Words that tell who made or sells a part, or what kind of thing it is.
  private static let makers: Set<String> = [
    "nvidia", "geforce", "tesla", "amd", "ati", "radeon", "instinct", "intel", "apple", "habana", "labs", "corporation",
    "corp", "inc", "advanced", "micro", "devices", "r", "tm", "graphics", "gpu", "gpus", "card", "accelerator",
    "processor", "cpu", "generation", "edition", "series", "with", "the", "aws", "amazon", "azure", "microsoft", "gcp",
    "google", "cloud", "lenovo", "dell", "hp", "hpe", "asus", "acer", "gigabyte", "msi", "supermicro",
  ]

  /// Families and forms: `4090` is the RTX 4090, and `b200` the one that is sold as SXM module.
  private static let families: Set<String> = [
    "rtx", "rx", "arc", "core", "xeon", "epyc", "ryzen", "threadripper", "platinum", "gold", "silver", "sxm", "hbm",
    "oam",
    "pcie", "nvl", "per", "mac", "macbook", "jetson", "blackwell", "qualcomm", "ampere",
  ]
}
