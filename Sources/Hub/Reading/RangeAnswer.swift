import Platform

/// What came back for one range of a file.
struct RangeAnswer: Sendable {
  /// Where the bytes came from after all redirects.
  var place: String
  /// Offset of the first byte: 0 where the server has no ranges.
  var start: Int
  var bytes: [UInt8]
  var hasRanges: Bool
  /// The whole file's size, where the server says it.
  var total: Int?
  var etag: String?

  /// Asks for a range, follows redirects by hand, and checks that what came is what was asked for.
  ///
  /// A server that ignores the range sends the file from its start, which is cut at the range's end.
  static func fetch(
    _ range: Range<Int>, from url: String, client: HubClient, repository: String, file: String
  ) async throws -> RangeAnswer {
    var address = url
    for _ in 0..<6 {
      var request = HTTPRequest("GET", address, headers: ["Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
      request.bodyLimit = range.upperBound
      request.cutsBody = true
      request.timeout = .seconds(120)
      let response = try await client.send(request)
      switch response.status {
      case 206: return try part(response, range: range, place: address, client: client)
      case 200: return try whole(response, place: address, client: client)
      case 416: return try unsatisfied(response, range: range, place: address, client: client)
      case 301, 302, 303, 307, 308:
        guard let next = response.headers["location"].flatMap({ resolveRedirect($0, from: address) }) else {
          throw client.violation(address, "it redirects to an unsafe address")
        }
        address = next
      default:
        throw client.refusal(response, url: address, name: repository.isEmpty ? file : repository, file: file)
      }
    }
    throw client.violation(url, "it redirects in a circle")
  }

  private static func part(
    _ response: HTTPResponse, range: Range<Int>, place: String, client: HubClient
  ) throws -> RangeAnswer {
    guard let said = ContentRange(response.headers["content-range"] ?? ""), said.first == range.lowerBound,
      said.last < range.upperBound, response.body.count == said.last - said.first + 1
    else { throw client.violation(place, "it answered with another range") }
    return RangeAnswer(
      place: place, start: said.first, bytes: response.body, hasRanges: true, total: said.total,
      etag: response.headers["etag"])
  }

  private static func whole(_ response: HTTPResponse, place: String, client: HubClient) throws -> RangeAnswer {
    guard response.headers["content-encoding"].map({ $0 == "identity" }) ?? true else {
      throw client.violation(place, "it sent compressed data that was not asked for")
    }
    let total = response.isCut ? response.headers["content-length"].flatMap { Int($0) } : response.body.count
    return RangeAnswer(
      place: place, start: 0, bytes: response.body, hasRanges: false, total: total, etag: response.headers["etag"])
  }

  /// An empty file, or one that ends before the range.
  private static func unsatisfied(
    _ response: HTTPResponse, range: Range<Int>, place: String, client: HubClient
  ) throws -> RangeAnswer {
    let said = response.headers["content-range"] ?? ""
    guard said.hasPrefix("bytes */"), let total = Int(said.dropFirst(8)), total <= range.lowerBound else {
      throw client.violation(place, "it refuses a range inside the file")
    }
    return RangeAnswer(
      place: place, start: range.lowerBound, bytes: [], hasRanges: true, total: total, etag: response.headers["etag"])
  }
}

/// `Content-Range: bytes FIRST-LAST/TOTAL`, read strictly.
struct ContentRange: Hashable, Sendable {
  var first: Int
  var last: Int
  /// Nil where the server does not know it (`*`).
  var total: Int?

  init?(_ text: String) {
    guard text.hasPrefix("bytes ") else { return nil }
    let halves = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    let bounds = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, let first = Int(bounds[0]), let last = Int(bounds[1]), first >= 0, first <= last,
      last < Int.max
    else { return nil }
    self.first = first
    self.last = last
    if halves[1] != "*" {
      guard let total = Int(halves[1]), last < total else { return nil }
      self.total = total
    }
  }
}
