public import Models
import Platform
public import Units

/// A file behind an address, read by ranges: headers cost a few requests, not the file.
///
/// Redirects are resolved by hand and the place that they lead to is kept for the next range. The prefix grows in steps
/// of 2, 16 and 64 MiB and more, so that a GGUF header of up to 16 MiB takes three requests with one redirect. A server
/// without ranges sends its file from the start and is stopped when there is enough.
public actor RemoteFile: ByteSource {
  public nonisolated let name: String
  public nonisolated let size: ByteCount?
  private let client: HubClient
  private let url: String
  private var place: String
  private var prefix: [UInt8]
  private var segments: [(start: Int, bytes: [UInt8])] = []
  private var hasRanges: Bool
  private var etag: String?

  private static let firstStep = 2 << 20
  private static let steps = [2 << 20, 16 << 20, 64 << 20, 256 << 20]
  /// The most that is read to reach a place in the file of a server without ranges.
  private static let longestRead = 256 << 20
  /// The least that one request away from the start asks for.
  private static let leastSegment = 64 << 10

  /// Opens a file and reads its first block: one request, and one for each redirect.
  ///
  /// - Parameter expectedSize: what a listing said, for servers that do not say it themselves.
  public init(
    url: String, name: String, client: HubClient, expectedSize: ByteCount? = nil, repository: String = ""
  ) async throws {
    let range = 0..<(expectedSize.map { max(1, min($0.bytes, Self.firstStep)) } ?? Self.firstStep)
    let answer = try await RangeAnswer.fetch(range, from: url, client: client, repository: repository, file: name)
    self.name = name
    self.url = url
    self.client = client
    place = answer.place
    prefix = answer.bytes
    hasRanges = answer.hasRanges
    etag = answer.etag
    size = answer.total.map { ByteCount($0) } ?? expectedSize
  }

  public func read(_ range: Range<Int>) async throws -> [UInt8] {
    let end = min(range.upperBound, size?.bytes ?? range.upperBound)
    guard range.lowerBound >= 0, range.lowerBound < end else { return [] }
    let wanted = range.lowerBound..<end
    if wanted.upperBound <= prefix.count { return Array(prefix[wanted]) }
    for segment in segments where segment.start <= wanted.lowerBound {
      if wanted.upperBound <= segment.start + segment.bytes.count {
        return Array(segment.bytes[(wanted.lowerBound - segment.start)..<(wanted.upperBound - segment.start)])
      }
    }
    if wanted.lowerBound <= prefix.count + Self.firstStep || !hasRanges {
      try await extendPrefix(to: wanted.upperBound)
      guard wanted.lowerBound < prefix.count else { return [] }
      return Array(prefix[wanted.lowerBound..<min(wanted.upperBound, prefix.count)])
    }
    return try await readSegment(wanted)
  }

  /// Grows the prefix to the next step that holds `end`.
  private func extendPrefix(to end: Int) async throws {
    var target = Self.steps.first { $0 >= end } ?? end
    if let size { target = min(target, size.bytes) }
    let start = hasRanges ? prefix.count : 0
    guard start < target else { return }
    guard hasRanges || target <= Self.longestRead else {
      throw client.violation(url, "it sends whole files only, and byte \(end) is too far in")
    }
    let answer = try await fetch(start..<target)
    prefix = answer.start == 0 ? answer.bytes : prefix + answer.bytes
  }

  private func readSegment(_ wanted: Range<Int>) async throws -> [UInt8] {
    let end = max(wanted.upperBound, min(wanted.lowerBound + Self.leastSegment, size?.bytes ?? wanted.upperBound))
    let answer = try await fetch(wanted.lowerBound..<end)
    guard answer.start == wanted.lowerBound else { return try await read(wanted) }
    segments.append((answer.start, answer.bytes))
    return Array(answer.bytes.prefix(wanted.count))
  }

  /// Asks the place found before, and the original address again where that has expired.
  private func fetch(_ range: Range<Int>) async throws -> RangeAnswer {
    var answer: RangeAnswer
    do {
      answer = try await RangeAnswer.fetch(range, from: place, client: client, repository: "", file: name)
    } catch let error as HubError where place != url && error.isRefusal {
      answer = try await RangeAnswer.fetch(range, from: url, client: client, repository: "", file: name)
      place = answer.place
    }
    if let etag, let now = answer.etag, etag != now { throw HubError.changed(file: name) }
    if let size, let total = answer.total, total != size.bytes { throw HubError.changed(file: name) }
    if !answer.hasRanges {
      hasRanges = false
      prefix = answer.bytes
    }
    return answer
  }
}

extension HubError {
  /// True where a server said no to one address, which another address for the same file may cure.
  var isRefusal: Bool {
    switch self {
    case .gated, .missingRepository, .missingFile, .badToken, .serverFailed: true
    default: false
    }
  }
}
