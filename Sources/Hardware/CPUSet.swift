/// A set of CPU numbers, as Linux writes it: a list (`0-3,8`) or a mask (`00000000,0000ffff`).
public struct CPUSet: Hashable, Sendable {
  /// Numbers at or above this are refused: no machine has them, and a hostile range would fill memory.
  static let limit = 65536

  /// The members in ascending order.
  public private(set) var members: [Int]

  public init(_ numbers: some Sequence<Int>) {
    members = Set(numbers.filter { $0 >= 0 && $0 < Self.limit }).sorted()
  }

  /// Reads a Linux list; the empty text is the empty set, anything malformed is nil.
  public init?(list text: some StringProtocol) {
    var numbers: [Int] = []
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
        MachineText.trimmed($0)
      }
      guard let first = ends.first, let low = Int(first), low >= 0 else {
        if part.allSatisfy(\.isWhitespace) { continue }
        return nil
      }
      guard let high = ends.count == 2 ? Int(ends[1]) : low, high >= low, high < Self.limit else { return nil }
      numbers.append(contentsOf: low...high)
      guard numbers.count <= 4 * Self.limit else { return nil }
    }
    self.init(numbers)
  }

  /// Reads a Linux mask: comma-separated groups of hexadecimal digits, the highest CPUs first.
  public init?(mask text: some StringProtocol) {
    var digits: [Int] = []
    for group in text.split(separator: ",", omittingEmptySubsequences: false).map({ MachineText.trimmed($0) }) {
      let plain = group.hasPrefix("0x") ? group.dropFirst(2) : group[...]
      guard plain.count <= Self.limit / 4, digits.count <= Self.limit / 4 else { return nil }
      let values = plain.map(\.hexDigitValue)
      guard values.allSatisfy({ $0 != nil }) else { return nil }
      // Each group but the first holds 32 CPUs; hwloc leaves out zeros at a group's head, or all of them.
      let padding = digits.isEmpty ? 0 : max(0, 8 - values.count)
      digits += [Int](repeating: 0, count: padding) + values.compactMap { $0 }
    }
    guard !digits.isEmpty, digits.count <= Self.limit / 4 else { return nil }
    var numbers: [Int] = []
    for (place, digit) in digits.reversed().enumerated() where digit != 0 {
      numbers += (0..<4).filter { digit & (1 << $0) != 0 }.map { place * 4 + $0 }
    }
    self.init(numbers)
  }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var first: Int? { members.first }

  public func contains(_ number: Int) -> Bool {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if members[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < members.count && members[low] == number
  }

  public func intersection(_ other: CPUSet) -> CPUSet { CPUSet(members.filter { other.contains($0) }) }
  public func union(_ other: CPUSet) -> CPUSet { CPUSet(members + other.members) }
  public func subtracting(_ other: CPUSet) -> CPUSet { CPUSet(members.filter { !other.contains($0) }) }

  /// One of several equal parts.
  ///
  /// Each run of numbers is cut alike: where hardware threads are numbered after the cores, a core's stay together.
  public func part(_ index: Int, of count: Int) -> CPUSet {
    let starts = members.indices.filter { $0 == 0 || members[$0 - 1] + 1 != members[$0] }
    let ends = starts.dropFirst() + [members.count]
    return CPUSet(
      zip(starts, ends).flatMap { start, end in
        let length = end - start
        return members[start + length * index / count..<start + length * (index + 1) / count]
      })
  }

  /// The set as a Linux list: `0-3,8`, empty for no members.
  public var list: String {
    var parts: [String] = []
    var start: Int?
    for (index, number) in members.enumerated() {
      let low = start ?? number
      start = low
      let next = index + 1 < members.count ? members[index + 1] : nil
      if next != number + 1 {
        parts.append(low == number ? "\(number)" : "\(low)-\(number)")
        start = nil
      }
    }
    return parts.joined(separator: ",")
  }
}
