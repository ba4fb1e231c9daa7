/// Reads requests out of the bytes of one connection, whatever comes: every length has a limit, and what could be read in
/// two ways is refused.
///
/// HTTP/1.1 as RFC 9112 has it, less what no browser and no client sends: chunked requests, folded headers, HTTP/1.0.
struct RequestReader {
  /// The most bytes of a request's line and headers together.
  static let headLimit = 16_384
  static let headerLimit = 100
  static let pathLimit = 4096

  /// The most bytes of a body, by the request without it.
  let bodyLimit: @Sendable (WebRequest) -> Int
  private var bytes: [UInt8] = []
  /// A head that waits for its body, and that body's length.
  private var head: (request: WebRequest, length: Int)?
  /// Bytes that were searched for the end of the head already.
  private var searched = 0

  init(bodyLimit: @escaping @Sendable (WebRequest) -> Int) { self.bodyLimit = bodyLimit }

  /// True between two requests.
  var isEmpty: Bool { bytes.isEmpty && head == nil }

  /// The request that waits for its body, so that the client can be told to go on.
  var expectsBody: Bool { head?.request.headers["expect"]?.lowercased() == "100-continue" && bytes.isEmpty }

  mutating func append(_ new: some Sequence<UInt8>) { bytes += new }

  /// Returns the next request once it is whole, nil while more is to come.
  mutating func next() throws(WebFault) -> WebRequest? {
    if head == nil { try readHead() }
    guard let (request, length) = head, bytes.count >= length else { return nil }
    var whole = request
    whole.body = Array(bytes.prefix(length))
    bytes.removeFirst(length)
    head = nil
    return whole
  }

  private mutating func readHead() throws(WebFault) {
    guard let end = headEnd() else {
      if bytes.count > Self.headLimit { throw WebFault(431, "the request's headers are too long") }
      return
    }
    guard end <= Self.headLimit else { throw WebFault(431, "the request's headers are too long") }
    let request = try Self.parse(bytes[..<end])
    bytes.removeFirst(end + 4)
    searched = 0
    guard request.headers["transfer-encoding"] == nil else {
      throw WebFault(501, "a body needs a Content-Length; chunked requests are not read")
    }
    let text = request.headers["content-length"] ?? "0"
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(text) else {
      throw WebFault(400, "Content-Length is no number")
    }
    guard length <= bodyLimit(request) else { throw WebFault(413, "the body is too long") }
    head = (request, length)
  }

  /// Where the empty line begins that ends a head.
  private mutating func headEnd() -> Int? {
    var place = max(0, searched - 3)
    while place + 3 < bytes.count {
      if bytes[place] == 13, bytes[place + 1] == 10, bytes[place + 2] == 13, bytes[place + 3] == 10 { return place }
      place += 1
    }
    searched = bytes.count
    return nil
  }

  private static func parse(_ head: ArraySlice<UInt8>) throws(WebFault) -> WebRequest {
    guard head.allSatisfy({ $0 == 13 || $0 == 10 || $0 == 9 || (32...126).contains($0) }) else {
      throw WebFault(400, "the headers hold characters that no header has")
    }
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    guard first.count == 3, first[0].allSatisfy({ $0.isASCII && $0.isUppercase }), !first[0].isEmpty else {
      throw WebFault(400, "this is no HTTP request")
    }
    guard first[2] == "HTTP/1.1" else { throw WebFault(505, "this server speaks HTTP/1.1") }
    guard lines.count <= headerLimit else { throw WebFault(431, "there are too many headers") }
    let headers = try headers(lines)
    guard headers["host"] != nil else { throw WebFault(400, "the Host header is missing") }
    let (path, query) = try target(first[1])
    return WebRequest(String(first[0]), path, query: query, headers: headers)
  }

  /// Headers that may come more than once, as a list.
  private static let lists: Set = ["accept", "accept-encoding", "accept-language", "cache-control", "cookie"]

  private static func headers(_ lines: [Substring]) throws(WebFault) -> [String: String] {
    var headers: [String: String] = [:]
    for line in lines {
      guard !line.contains("\n"), !line.contains("\r"), let colon = line.firstIndex(of: ":") else {
        throw WebFault(400, "a line is no header")
      }
      let name = line[..<colon].lowercased()
      guard !name.isEmpty, name.utf8.allSatisfy({ isTokenByte($0) }) else {
        throw WebFault(400, "a header has no name")
      }
      let value = line[line.index(after: colon)...].trimmed
      guard let before = headers[name] else {
        headers[name] = value
        continue
      }
      guard lists.contains(name) else { throw WebFault(400, "a header came twice") }
      headers[name] = before + (name == "cookie" ? "; " : ", ") + value
    }
    return headers
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }

  private static func target(_ text: Substring) throws(WebFault) -> (path: [String], query: [String: String]) {
    guard text.first == "/", text.utf8.count <= pathLimit else { throw WebFault(400, "the address is no path") }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path: [String] = []
    for part in parts[0].split(separator: "/") {
      guard let plain = PercentEncoding.decoded(part), plain != ".", plain != ".." else {
        throw WebFault(400, "the address is no path")
      }
      path.append(plain)
    }
    var query: [String: String] = [:]
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decoded(sides[0], plusIsBlank: true),
        let value = PercentEncoding.decoded(sides.count > 1 ? sides[1] : "", plusIsBlank: true)
      else { throw WebFault(400, "the query is not percent-encoded text") }
      // A name that came twice could be read as either.
      guard query.updateValue(value, forKey: name) == nil else {
        throw WebFault(400, "a part of the query came twice")
      }
    }
    return (path, query)
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }
}

/// Text in addresses.
enum PercentEncoding {
  /// Returns the text without percent signs; nil where they stand for nothing, for a control character or for no UTF-8.
  static func decoded(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+") where plusIsBlank: bytes.append(32)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}
