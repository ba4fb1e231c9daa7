import Platform

/// When a failed request is worth another try, and after how long.
struct RetryPolicy: Hashable, Sendable {
  var attempts = 5
  /// The first pause; it doubles with each try.
  var firstPause = 0.5
  /// A server that asks for more patience than this gets none: the user is told instead.
  var longestPause = 75.0

  /// True for answers that say "not now" rather than "no".
  static func isTemporary(_ status: Int) -> Bool { [408, 429, 500, 502, 503, 504].contains(status) }

  /// Seconds to wait before the next try, counted from 0: as the server says, else growing.
  func pause(after attempt: Int, headers: [String: String] = [:]) -> Double {
    if let seconds = Self.announcedPause(headers) { return Double(seconds) + 1 }
    return min(30, firstPause * Double(1 << min(attempt, 10)))
  }

  /// The seconds that `RateLimit: "api";r=0;t=55` or `Retry-After: 55` name.
  static func announcedPause(_ headers: [String: String]) -> Int? {
    if let limit = headers["ratelimit"] {
      for policy in limit.split(separator: ",") {
        let parts = policy.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        let isSpent = parts.contains("r=0")
        if isSpent, let time = parts.first(where: { $0.hasPrefix("t=") }), let seconds = Int(time.dropFirst(2)) {
          return max(0, seconds)
        }
      }
    }
    return headers["retry-after"].flatMap { Int($0) }.map { max(0, $0) }
  }
}

/// Finds the address of the next page in a `Link` header; nil on the last.
func nextPage(_ link: String?) -> String? {
  guard let link else { return nil }
  for entry in link.split(separator: ",") {
    guard let open = entry.firstIndex(of: "<"), let close = entry.firstIndex(of: ">"), open < close else { continue }
    if entry[close...].contains("rel=\"next\"") || entry[close...].contains("rel=next") {
      return String(entry[entry.index(after: open)..<close])
    }
  }
  return nil
}
