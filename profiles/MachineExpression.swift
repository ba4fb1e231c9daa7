public import Hardware
import Platform
public import Units

/// A machine written in one line: `8x h100-sxm on 2x xeon-8480, 2 TiB`, `2x rtx-4090, 128 GiB`,
/// `cpu 8 cores avx2, 16 GiB, 51 GB/s`.
///
/// Its pieces are separated by commas or `on`: accelerators or a whole machine with a count, a processor with a count of
/// sockets, an amount of memory and its bandwidth, `cpu` for "no accelerator", and facts of a processor.
public struct MachineExpression: Hashable, Sendable {
  /// A counted name.
  public struct Part: Hashable, Sendable {
    public var count: Int
    public var name: String
    /// True after `on`: what the rest is plugged into.
    public var isHost = false

    /// True for the processor that has no name.
    public var isPlainProcessor: Bool { name.lowercased() == "cpu" }

    public init(count: Int, name: String, isHost: Bool = false) {
      self.count = count
      self.name = name
      self.isHost = isHost
    }
  }

  public var parts: [Part]
  public var memory: ByteCount?
  /// Reads of that memory, bytes a second.
  public var bandwidth: Double?
  /// What is said of a processor beside its name, or instead of one.
  public var processor: StatedProcessor?
  public let text: String

  /// True for a name alone, with nothing stated beside it.
  public var isNameAlone: Bool {
    parts.count == 1 && parts[0].count == 1 && !parts[0].isPlainProcessor && memory == nil && bandwidth == nil
      && processor == nil
  }

  /// Parses the line.
  ///
  /// - Throws: `ProfileError.badLine` for an empty part, a count outside 1...1024, a fact that is stated twice, or a word
  ///   after `cpu` that says nothing of a processor.
  public init(_ text: String) throws(ProfileError) {
    self.text = text
    parts = []
    let pieces = text.split(separator: ",").flatMap { Self.splitOn($0) }
    for (index, (piece, isHost)) in pieces.enumerated() {
      // A card is often called by its number, "4060"; amounts of memory that lost their unit are multiples of 64.
      let isCard = (3...5).contains(piece.count) && (Int(piece) ?? 0) % 64 != 0
      if piece.allSatisfy(\.isNumber), !isCard {
        if let next = pieces.dropFirst(index + 1).first?.piece.first, next.isNumber, text.contains("\(piece),\(next)") {
          throw .badLine(text, cause: "commas separate its pieces: a decimal has a point, as in \(piece).5 GiB")
        }
      }
      if piece.allSatisfy(\.isNumber), !isCard {
        throw .badLine(text, cause: "\(piece) of what? An amount has a unit, as in \(piece) GiB")
      }
      if piece.first == "-", piece.dropFirst().first?.isNumber == true {
        throw .badLine(text, cause: "\(piece) is less than nothing")
      }
      if try takeAmount(piece) { continue }
      if try takeProcessor(piece, isHost: isHost) { continue }
      var part = try Self.part(piece, in: text)
      part.isHost = isHost
      parts.append(part)
    }
    if parts.isEmpty, processor != nil { parts = [Part(count: 1, name: "cpu")] }
    guard !parts.isEmpty else { throw .badLine(text, cause: "no machine, accelerator or processor is named") }
  }

  /// Takes an amount of memory or a bandwidth; false for a piece that is neither.
  private mutating func takeAmount(_ piece: String) throws(ProfileError) -> Bool {
    if let slash = piece.firstIndex(of: "/"), piece[slash...].lowercased() == "/s",
      let amount = ByteCount(parsing: String(piece[..<slash])), piece.contains(where: { $0.isLetter && $0 != "s" })
    {
      guard bandwidth == nil else { throw .badLine(text, cause: "two bandwidths") }
      guard (1e8...1e14).contains(Double(amount.bytes)) else {
        throw .badLine(text, cause: "no memory reads \(piece)")
      }
      bandwidth = Double(amount.bytes)
      return true
    }
    // "64GB DDR5", "16 GB of RAM": the kind is no part of the amount.
    let words = piece.split(separator: " ")
    let kinds = words.drop { !Self.isKindOfMemory($0) }
    let plain = kinds.allSatisfy(Self.isKindOfMemory) ? words.dropLast(kinds.count).joined(separator: " ") : piece
    guard let amount = ByteCount(parsing: plain), plain.contains(where: { $0.isLetter }) else { return false }
    guard memory == nil else { throw .badLine(text, cause: "two amounts of memory") }
    guard amount >= .mebibytes(16) else { throw .badLine(text, cause: "\(piece) of memory run nothing") }
    memory = amount
    return true
  }

  /// Takes what is said of a processor: after `cpu`, or in a piece of its own; false for a piece that says nothing of one.
  private mutating func takeProcessor(_ piece: String, isHost: Bool) throws(ProfileError) -> Bool {
    var words = piece.split(separator: " ").map { String($0) }
    let isPlain = words.first?.lowercased() == "cpu"
    if isPlain { words.removeFirst() }
    var stated = processor ?? StatedProcessor()
    let before = stated
    if let word = stated.read(words) {
      guard isPlain else { return false }
      throw .badLine(text, cause: "\"\(word)\" says nothing of a processor, as \"cpu 8 cores avx2\" does")
    }
    if stated != before { processor = stated }
    if isPlain { parts.append(Part(count: 1, name: "cpu", isHost: isHost)) }
    return true
  }

  private static func isKindOfMemory(_ word: Substring) -> Bool {
    let word = word.lowercased()
    return ["of", "ram", "memory", "unified"].contains(word) || word.hasPrefix("ddr") || word.hasPrefix("lpddr")
  }

  private static func splitOn(_ text: Substring) -> [(piece: String, isHost: Bool)] {
    // "rtx 4090 + 64 GB"; a plus that is written to a word belongs to it, as in "8480+".
    text.split(separator: " ").split { $0 == "+" }.flatMap { words in
      words.split { $0.lowercased() == "on" }.map { piece in
        (piece.joined(separator: " "), piece.startIndex > words.startIndex)
      }
    }
  }

  /// Reads `2x rtx-4090`, `2 x rtx 4090`, `rtx-4090 x2` or `4090x2`.
  private static func part(_ piece: String, in text: String) throws(ProfileError) -> Part {
    var words = piece.lowercased().split { $0 == " " || $0 == "×" }.map { String($0) }
    if piece.contains("×"), let first = words.first, first.allSatisfy(\.isNumber) { words[0] = "\(first)x" }
    guard let first = words.first else { throw .badLine(text, cause: "an empty part") }
    var count: Int?
    if words.count > 2, let number = Int(first), words[1] == "x" {
      count = number
      words.removeFirst(2)
    } else if let sign = first.firstIndex(of: "x"), sign != first.startIndex, let number = Int(first[..<sign]),
      // The number of a card is no count: "7900xtx".
      number <= 1024 || first[sign...] == "x"
    {
      count = number
      words[0] = String(first[first.index(after: sign)...])
    } else if words.count > 1, let last = words.last, last.first == "x", let number = Int(last.dropFirst()) {
      count = number
      words.removeLast()
    } else if let last = words.last, let sign = last.lastIndex(of: "x"), let number = Int(last[sign...].dropFirst()),
      number <= 1024, last[..<sign].count >= 4, last[..<sign].last?.isNumber == true
    {
      // "3090x2"
      count = number
      words[words.count - 1] = String(last[..<sign])
    }
    let name = words.filter { !$0.isEmpty }.joined(separator: "-")
    guard let count else {
      // Names of files and of the user's own profiles are as they are written.
      return Part(count: 1, name: piece.split(separator: " ").joined(separator: "-"))
    }
    guard (1...1024).contains(count) else {
      throw .badLine(text, cause: "a part is there 1 to 1,024 times, not \(count.grouped)")
    }
    guard !name.isEmpty else { throw .badLine(text, cause: "a count without a name") }
    return Part(count: count, name: name)
  }
}
