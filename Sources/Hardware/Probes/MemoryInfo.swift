import Units

/// The text of `/proc/meminfo`, or of one node's: names and amounts.
struct MemoryInfo {
  private var amounts: [String: ByteCount] = [:]

  /// Reads the text; lines that are not in the form are left out.
  ///
  /// The unit is kB. A line with no unit is taken as bytes where it is a page-sized amount too large for kB to be
  /// meant: some collectors print bytes, and multiplying those would claim terabytes.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let (key, value) = MachineText.pair(line) else { continue }
      // A node's lines read "Node 0 MemTotal: 123 kB".
      let name = key.split(separator: " ").last.map { String($0) } ?? key
      let words = value.split(separator: " ")
      guard let number = words.first.flatMap({ Int($0) }), number >= 0 else { continue }
      let unit = words.count > 1 ? words[1].lowercased() : ""
      let (bytes, overflow) = number.multipliedReportingOverflow(by: unit == "kb" ? 1024 : 1)
      if !overflow { amounts[name] = ByteCount(bytes) }
    }
  }

  subscript(name: String) -> ByteCount? { amounts[name] }
}
