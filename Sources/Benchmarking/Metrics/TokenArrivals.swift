/// Output tokens by the moment at which they came.
struct TokenArrivals {
  private let requests: [RequestRecord]

  init(_ requests: [RequestRecord]) { self.requests = requests }

  /// The most tokens in ten neighbouring tenths of a second; nil for a run of less than a second.
  var peak: Double? {
    let width: Int64 = 100_000_000
    guard let first = requests.compactMap({ $0.firstToken }).min(),
      let last = requests.compactMap({ $0.lastToken }).max(),
      last - first >= 10 * width, (last - first) / width < 10_000_000
    else { return nil }
    var bins = [Double](repeating: 0, count: Int((last - first) / width) + 1)
    for request in requests {
      for (place, time) in request.chunkTimes.enumerated() {
        bins[Int((time - first) / width)] += request.tokens(ofChunk: place)
      }
    }
    var window = bins.prefix(10).reduce(0, +)
    var most = window
    for place in bins.indices.dropFirst(10) {
      window += bins[place] - bins[place - 10]
      most = max(most, window)
    }
    return most
  }

  /// Tokens a second from when 95% of the wanted requests were first in flight to when they last were.
  func steady(requests all: [RequestRecord], concurrency: Int) -> Double? {
    let wanted = max(1, Int((0.95 * Double(concurrency)).rounded(.up)))
    var changes: [(time: Int64, step: Int)] = []
    for request in all {
      guard let sent = request.sent, let end = request.closed ?? request.lastToken else { continue }
      changes.append((sent, 1))
      changes.append((end, -1))
    }
    changes.sort { ($0.time, -$0.step) < ($1.time, -$1.step) }
    var inFlight = 0
    var start: Int64?
    var end: Int64?
    for change in changes {
      if change.step < 0, inFlight >= wanted { end = change.time }
      inFlight += change.step
      if inFlight >= wanted, start == nil { start = change.time }
    }
    guard let start, let end, end > start else { return nil }
    var tokens = 0.0
    for request in requests {
      for (place, time) in request.chunkTimes.enumerated() where time >= start && time <= end {
        tokens += request.tokens(ofChunk: place)
      }
    }
    return tokens / (Double(end - start) / 1e9)
  }
}
