import Platform

/// The order in which two sides are measured, so that drift of the machine falls on both alike.
public enum BlockOrder {
  public enum Side: String, Hashable, Sendable, Codable { case a, b }

  /// Returns `pairs` pairs in the order A B B A A B B A: each side comes first equally often.
  public static func interleaved(pairs: Int) -> [Side] {
    (0..<max(0, pairs)).flatMap { $0.isMultiple(of: 2) ? [Side.a, .b] : [.b, .a] }
  }
}

/// A series of measurements in the order of time, cut into blocks whose means are nearly independent.
public struct Blocks: Hashable, Sendable {
  /// Correlation of each value with the one after it.
  public let autocorrelation: Double
  /// Values in one block.
  public let size: Int
  /// One for each block.
  public let means: [Double]

  /// Cuts a series; what does not fill a last block goes to the one before it.
  ///
  /// A block is three correlation times long, (1 + r) / (1 - r) for a lag-1 correlation r, as long as that leaves at least
  /// six blocks.
  public init(_ series: [Double]) {
    autocorrelation = Self.lagOne(series)
    let correlation = min(0.95, max(0, autocorrelation))
    let wanted = Int((3 * (1 + correlation) / (1 - correlation)).rounded(.up))
    let length = max(1, min(wanted, series.count / 6))
    size = length
    let count = series.count / length
    means = (0..<count).map { block in
      let end = block == count - 1 ? series.count : (block + 1) * length
      let values = series[(block * length)..<end]
      return values.reduce(0, +) / Double(values.count)
    }
  }

  private static func lagOne(_ series: [Double]) -> Double {
    guard series.count > 2 else { return 0 }
    let mean = series.reduce(0, +) / Double(series.count)
    let variance = series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    guard variance > 0 else { return 0 }
    let products = zip(series, series.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    return products / variance
  }
}

extension Blocks {
  /// The most requests that were in flight at one time.
  private static func mostInFlight(_ requests: [RequestRecord]) -> Int {
    let sent = requests.compactMap(\.sent).sorted()
    let ended = requests.compactMap { $0.closed ?? $0.lastToken }.sorted()
    var (most, inFlight, place) = (0, 0, 0)
    for moment in sent {
      while place < ended.count, ended[place] <= moment {
        inFlight -= 1
        place += 1
      }
      inFlight += 1
      most = max(most, inFlight)
    }
    return most
  }

  /// Output tokens a second of each block of completed requests, in the order in which they ended.
  ///
  /// A block's time runs from the end of the block before it, so nothing is counted twice.
  public static func throughput(of requests: [RequestRecord]) -> [Double] {
    let ended = requests.filter { $0.outcome == .completed }.compactMap { request -> (end: Int64, tokens: Int)? in
      guard let end = request.lastToken, let tokens = request.outputTokens else { return nil }
      return (end, tokens)
    }.sorted { $0.end < $1.end }
    guard let start = requests.compactMap(\.sent).min(), ended.count >= 6 else { return [] }
    // At most 20 blocks, and no shorter than a wave of the requests in flight, which may all end at one moment.
    let size = max(ended.count / 20, min(ended.count / 6, 8), mostInFlight(requests))
    let count = ended.count / size
    guard count >= 3 else { return [] }
    var from = start
    return (0..<count).map { block in
      let last = block == count - 1 ? ended.count : (block + 1) * size
      let part = ended[(block * size)..<last]
      let end = part.last?.end ?? from
      let seconds = Double(end - from) / 1e9
      from = end
      return seconds > 0 ? Double(part.reduce(0) { $0 + $1.tokens }) / seconds : 0
    }
  }
}
