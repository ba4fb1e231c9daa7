/// What the first lines of a profile say of it, read without a parser: names are looked up among hundreds of entries, and
/// only the one that is meant is worth reading whole.
struct CatalogueHeader: Hashable, Sendable {
  /// Other names: those that drivers and tools print, and those that people use.
  var aliases: [String] = []
  /// True where `size` considers the entry when no machine is named.
  var isShortlisted = false
  /// Who makes the computer, else its first accelerator, else its processor: what comes first in the file.
  var maker: String?

  /// The most of a profile that is looked through.
  static let limit = 1 << 14
  /// The catalogue's own entries have these keys in their first lines.
  static let lineLimit = 14

  init(_ text: String) { self.init(Array(text.utf8)) }

  /// Reads the keys `aliases` and `shortlist` at the left margin, and the first `vendor`; a list may stand in brackets or
  /// line by line.
  ///
  /// - Parameter lineLimit: how many lines are looked at.
  init(_ bytes: [UInt8], lineLimit: Int = .max) {
    var rest = bytes[...]
    var count = 0
    while !rest.isEmpty, count < lineLimit {
      let line = Self.line(&rest)
      count += 1
      if line.starts(with: Self.shortlist) {
        isShortlisted = Self.text(line.dropFirst(Self.shortlist.count)).hasPrefix("true")
      } else if line.starts(with: Self.aliasKey) {
        aliases = Self.names(in: Self.list(line.dropFirst(Self.aliasKey.count), &rest))
      } else if maker == nil {
        let key = line.drop { $0 == Self.space || $0 == Self.hyphen }
        if key.starts(with: Self.vendor) { maker = Self.value(Self.text(key.dropFirst(Self.vendor.count))) }
      }
    }
  }

  private static let shortlist = Array("shortlist:".utf8)
  private static let aliasKey = Array("aliases:".utf8)
  private static let vendor = Array("vendor:".utf8)
  private static let space = UInt8(ascii: " ")
  private static let hyphen = UInt8(ascii: "-")

  /// Takes the next line.
  private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let line = rest.prefix { $0 != UInt8(ascii: "\n") }
    rest = rest[line.endIndex...].dropFirst()
    return line
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> Substring {
    String(decoding: bytes, as: UTF8.self).drop { $0 == " " }
  }

  /// The text of a list that begins after its key, with the lines that belong to it.
  private static func list(_ first: ArraySlice<UInt8>, _ rest: inout ArraySlice<UInt8>) -> String {
    var list = String(text(first))
    if list.hasPrefix("[") {
      while !list.contains("]"), !rest.isEmpty { list += " " + text(line(&rest)) }
    } else {
      while let byte = rest.first, byte == space || byte == hyphen {
        list += String(text(line(&rest)).drop { $0 == " " || $0 == "-" }) + ","
      }
    }
    return list
  }

  /// The value of `{value: "NVIDIA", source: ...}`, `"NVIDIA"` or `NVIDIA`.
  private static func value(_ text: Substring) -> String? {
    var rest = text
    if rest.hasPrefix("{value:") { rest = rest.dropFirst("{value:".count).drop { $0 == " " } }
    let isQuoted = rest.first == "\""
    let value = isQuoted ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != "," && $0 != "}" && $0 != "#" }
    return value.isEmpty ? nil : String(value)
  }

  /// The names of a list, quoted or not.
  private static func names(in list: String) -> [String] {
    var names: [String] = []
    var name: [UInt8] = []
    var quote: UInt8?
    func end(_ name: inout [UInt8]) {
      while name.last == space { name.removeLast() }
      if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
      name.removeAll(keepingCapacity: true)
    }
    for byte in list.utf8 {
      switch (byte, quote) {
      case (UInt8(ascii: "\""), nil), (UInt8(ascii: "'"), nil): quote = byte
      case (let byte, let open?) where byte == open: quote = nil
      case (UInt8(ascii: ","), nil), (UInt8(ascii: "["), nil): end(&name)
      case (UInt8(ascii: "]"), nil):
        end(&name)
        return names
      case (space, nil) where name.isEmpty: break
      default: name.append(byte)
      }
    }
    end(&name)
    return names
  }
}
