/// Small readings of the text that kernels and tools print.
enum MachineText {
  /// Returns the text without white space at its ends.
  static func trimmed(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }

  /// Splits `key: value` at the first separator; nil where there is none or the key is empty.
  static func pair(_ line: some StringProtocol, separator: Character = ":") -> (key: String, value: String)? {
    guard let place = line.firstIndex(of: separator) else { return nil }
    let key = trimmed(line[..<place])
    return key.isEmpty ? nil : (key, trimmed(line[line.index(after: place)...]))
  }

  /// Returns a word of a tool, or nil where it means that there is none.
  ///
  /// Tools write many things for "not known": an empty field, `N/A`, `[N/A]`, `Not Specified`, `To be filled by O.E.M.`.
  static func known(_ text: (some StringProtocol)?) -> String? {
    guard let text else { return nil }
    let plain = trimmed(text)
    let lower = plain.lowercased().filter { $0 != "[" && $0 != "]" }
    let empty: Set<String> = [
      "", "-", "n/a", "not specified", "unknown", "none", "to be filled by o.e.m.", "default string",
      "system product name",
      "system manufacturer", "not available", "not supported", "unspecified", "no dimm", "not provided", "o.e.m.",
      "not applicable", "xxxx", "0123456789", "unknown error", "insufficient permissions", "to be filled by o.e.m",
      "<bad index>", "<out of spec>", "not present", "system version", "undefined", "empty", "fill by oem",
    ]
    return empty.contains(lower) ? nil : plain
  }

  /// Returns the leading decimal number of a text such as `81559 MiB`, and what follows it; nil for one that no machine
  /// has, so that sums and products of what is returned stay within an `Int`.
  static func number(_ text: some StringProtocol) -> (value: Double, unit: String)? {
    let plain = trimmed(text)
    let digits = plain.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
    guard let value = Double(digits), value.magnitude < 1e15 else { return nil }
    return (value, trimmed(plain.dropFirst(digits.count)))
  }

  /// Returns a count written in decimal or as `0x` hexadecimal; nil for a negative one, one that no machine has (2^50),
  /// or anything else.
  static func count(_ text: some StringProtocol) -> Int? {
    let plain = trimmed(text)
    let value = plain.lowercased().hasPrefix("0x") ? Int(plain.dropFirst(2), radix: 16) : Int(plain)
    return value.flatMap { (0..<1 << 50).contains($0) ? $0 : nil }
  }

  /// Replaces every `from` by `to`.
  static func replacing(_ text: String, _ from: Character, with to: Character) -> String {
    String(text.map { $0 == from ? to : $0 })
  }

  /// Puts a PCI address into the form `0000:0c:00.0`; nil where it is none.
  static func pciAddress(_ text: some StringProtocol) -> String? {
    let lower = trimmed(text).lowercased()
    let parts = lower.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let last = parts.last else { return nil }
    let tail = last.split(separator: ".", omittingEmptySubsequences: false)
    guard tail.count <= 2, let device = Int(tail[0], radix: 16), device < 32,
      let bus = Int(parts[parts.count - 2], radix: 16), bus < 256,
      let function = tail.count == 2 ? Int(tail[1], radix: 16) : 0, function < 8,
      let domain = parts.count == 3 ? Int(parts[0], radix: 16) : 0, domain <= 0xffff_ffff
    else { return nil }
    return pciAddress(domain: domain, bus: bus, device: device, function: function)
  }

  static func pciAddress(domain: Int, bus: Int, device: Int, function: Int) -> String {
    "\(hex(domain, 4)):\(hex(bus, 2)):\(hex(device, 2)).\(function)"
  }

  /// Writes a number in hexadecimal with at least this many digits.
  static func hex(_ value: Int, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
