/// A stranger's configuration, read only where every reader of JSON finds the same in it.
///
/// What an engine's reader sees decides which code runs, so this one must see no less: escapes in keys are resolved, the
/// words that Python writes (`NaN`, `Infinity`) are values, and a key that appears twice is refused, since Python takes
/// its last value and others its first.
public struct StrictConfiguration: Sendable {
  private let root: JSONValue

  /// Reads a whole document.
  ///
  /// - Throws: `ModelError` where it is not a JSON object, or one in which a key appears twice.
  public init(parsing bytes: [UInt8]) throws(ModelError) {
    var scanner = JSONScanner()
    scanner.refusesRepeatedKeys = true
    let span = bytes.span.bytes
    root = try scanner.value(span, depth: 0)
    try scanner.end(span)
    guard case .object = root else { throw scanner.malformed("an object expected") }
  }

  /// True where an object at any depth holds one of the keys with a value that is not null.
  public func holds(anyOf keys: Set<String>) -> Bool { Self.holds(keys, root) }

  private static func holds(_ keys: Set<String>, _ value: JSONValue) -> Bool {
    switch value {
    case .object(let members): members.contains { (keys.contains($0) && $1 != .null) || holds(keys, $1) }
    case .array(let elements): elements.contains { holds(keys, $0) }
    default: false
    }
  }
}
