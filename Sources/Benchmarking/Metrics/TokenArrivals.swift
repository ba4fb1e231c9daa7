/// Output tokens by the moment at which they came, and how many requests were in flight, on a grid that grows coarser
/// with the length of a stage rather than longer.
struct TokenArrivals: Sendable {
  /// The 128th part of a tenth of a second: widths that double from it meet the tenth.
  private static let finest: Int64 = 781_250
  private static let tenth: Int64 = 100_000_000
  /// Places of the grid: 50 ms wide after an hour and three quarters.
  private static let most = 1 << 17

  private let origin: Int64
  private var width = TokenArrivals.finest
  private var tokens: [Float] = []
  /// Requests sent in each place less those that ended there.
  private var changes: [Int32] = []
  private var first = Int64.max
  private var last = Int64.min

  /// - Parameter origin: a moment before all others, nanoseconds since the run's start.
  init(origin: Int64) { self.origin = origin }

  /// Takes the tokens of a completed request.
  mutating func addTokens(of request: RequestRecord) {
    guard let start = request.firstToken, let end = request.lastToken, request.chunkTimes.count > 0 else { return }
    first = min(first, start)
    last = max(last, end)
    let isEven = request.tokenCounting != .perChunk
    let share = Float(request.visibleOutputTokens) / Float(request.chunkTimes.count)
    for (place, time) in request.chunkTimes.enumerated() {
      let slot = slot(of: time)
      tokens[slot] += isEven ? share : Float(request.chunkTokens[place])
    }
  }

  /// Takes the span in which a request was in flight.
  mutating func addFlight(of request: RequestRecord) {
    guard let sent = request.sent, let end = request.closed ?? request.lastToken else { return }
    changes[slot(of: sent)] += 1
    changes[slot(of: end)] -= 1
  }

  /// The place of a moment, which is made where there is none.
  private mutating func slot(of time: Int64) -> Int {
    // Beyond a century the grid would overflow: no such time comes from a run.
    let distance = min(max(0, time &- origin), 1 << 61)
    while distance / width >= Int64(Self.most) { halve() }
    let slot = Int(distance / width)
    if slot >= tokens.count {
      tokens.append(contentsOf: repeatElement(0, count: slot + 1 - tokens.count))
      changes.append(contentsOf: repeatElement(0, count: slot + 1 - changes.count))
    }
    return slot
  }

  /// Makes the grid half as fine, in place: a long run must not ask for memory again and again.
  private mutating func halve() {
    func halve<Number: AdditiveArithmetic>(_ all: inout [Number]) {
      let kept = (all.count + 1) / 2
      for place in 0..<kept {
        all[place] = 2 * place + 1 < all.count ? all[2 * place] + all[2 * place + 1] : all[2 * place]
      }
      all.removeLast(all.count - kept)
    }
    halve(&tokens)
    halve(&changes)
    width *= 2
  }

  /// The most tokens in ten neighbouring tenths of a second; nil for a stage of less than a second or of many hours.
  var peak: Double? {
    guard last > first, last - first >= 10 * Self.tenth, width <= Self.tenth else { return nil }
    let joined = Int(Self.tenth / width)
    let bins = stride(from: 0, to: tokens.count, by: joined).map { start in
      tokens[start..<min(start + joined, tokens.count)].reduce(0) { $0 + Double($1) }
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
  func steady(concurrency: Int) -> Double? {
    let wanted = max(1, Int((0.95 * Double(concurrency)).rounded(.up)))
    var inFlight = 0
    var start: Int?
    var end: Int?
    for (place, change) in changes.enumerated() {
      if inFlight >= wanted, inFlight + Int(change) < wanted { end = place }
      inFlight += Int(change)
      if inFlight >= wanted, start == nil { start = place }
    }
    guard let start, let end, end > start else { return nil }
    let sum = tokens[start..<end].reduce(0) { $0 + Double($1) }
    return sum / (Double(Int64(end - start) * width) / 1e9)
  }
}
