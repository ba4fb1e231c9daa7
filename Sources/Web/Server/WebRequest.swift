/// A request as it was read, whole and within the limits; nothing in it is trusted.
public struct WebRequest: Hashable, Sendable {
  public var method: String
  /// The parts of the path, without percent signs: `/api/v1/runs` is three.
  public var path: [String]
  public var query: [String: String]
  /// By name in lower case; a name that came twice is refused, but for those that are lists.
  public var headers: [String: String]
  public var body: [UInt8]

  public init(
    _ method: String, _ path: [String], query: [String: String] = [:], headers: [String: String] = [:],
    body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The path as it is written in messages.
  var place: String { "/" + path.joined(separator: "/") }

  /// A value of the Cookie header; nil where there is none of the name, or several.
  func cookie(_ name: String) -> String? {
    let found = (headers["cookie"] ?? "").split(separator: ";").compactMap { pair -> String? in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { return nil }
      return String(parts[1])
    }
    return found.count == 1 ? found[0] : nil
  }
}

/// Why a request is refused before anybody handles it.
struct WebFault: Error, Hashable {
  var status: Int
  var words: String

  init(_ status: Int, _ words: String) {
    self.status = status
    self.words = words
  }
}
