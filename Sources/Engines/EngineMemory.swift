public import Units

/// What a server says in its own log that it allocated, and what its processes hold.
public struct EngineMemory: Hashable, Sendable, Codable {
  public struct Part: Hashable, Sendable, Codable {
    /// One of the names of `MemoryComponents.all`.
    public var component: String
    /// Sum over all devices and ranks.
    public var bytes: Figure<ByteCount>
  }

  /// The engine's version in its own words; nil where it does not tell.
  public var build: String?
  public var parts: [Part]
  /// Resident memory of all its processes once it answered.
  public var residentBytes: Figure<ByteCount>?
  /// Layers that lie on accelerators; nil where the engine does not tell.
  public var layersOnAccelerators: Int?

  public init(build: String? = nil, parts: [Part] = [], residentBytes: Figure<ByteCount>? = nil) {
    self.build = build
    self.parts = parts
    self.residentBytes = residentBytes
  }

  /// Reads the lines that the engine is known to write.
  ///
  /// A component may be told by several forms of line; the first form that occurs is taken, and its lines are summed.
  public init(log: String, lines forms: [MemoryLine], build: String? = nil) {
    self.init(build: build)
    let lines = log.split(whereSeparator: \.isNewline)
    for form in forms where !parts.contains(where: { $0.component == form.component }) {
      let amounts = lines.compactMap { form.amount(in: $0) }
      guard !amounts.isEmpty else { continue }
      let place = "the engine's log, lines with \"\(form.words.last ?? "")\": \(amounts.count)"
      parts.append(Part(component: form.component, bytes: Figure(amounts.reduce(.zero, +), .measured, place)))
    }
  }

  /// How many layers a log says to be on accelerators, by the words before the number; none where it tells of a load without
  /// such a line, and nil where the engine never tells or the load is not in the log.
  public static func layersOnAccelerators(log: String, words: [String]) -> Int? {
    guard let first = words.first, log.contains(first) else { return nil }
    let numbers = log.split(whereSeparator: \.isNewline).compactMap { line in
      MemoryLine.rest(of: line, behind: words).flatMap {
        Int($0.drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber }).flatMap { $0 <= Self.mostLayers ? $0 : nil }
      }
    }
    return numbers.reduce(0, +)
  }

  /// No model has more, whatever a log says.
  private static let mostLayers = 100_000

  /// The amount of a component; nil where the log has none.
  public func bytes(of component: String) -> Figure<ByteCount>? { parts.first { $0.component == component }?.bytes }
}

extension MemoryLine {
  /// The amount that stands behind the last of the words, where the line has them all in order.
  func amount(in line: Substring) -> ByteCount? {
    guard let rest = Self.rest(of: line, behind: words) else { return nil }
    let amount = rest.split(separator: " ", maxSplits: 2)
    guard amount.count >= 2 else { return nil }
    return ByteCount(parsing: "\(amount[0]) \(amount[1].prefix { $0.isLetter })")
  }

  /// What stands in a line behind the last of some words; nil where it does not have them all in order.
  static func rest(of line: Substring, behind words: [String]) -> Substring? {
    var rest = line
    for word in words {
      guard let place = rest.firstRange(of: word) else { return nil }
      rest = rest[place.upperBound...]
    }
    return rest
  }
}
