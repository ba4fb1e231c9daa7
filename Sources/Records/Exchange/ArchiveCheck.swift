import Benchmarking

extension RunArchive {
  /// Why no benchmark can have measured this; nil where one can. Figures beyond these bounds overflow sums, and times
  /// out of order turn spans negative.
  var fault: String? {
    guard requests.count <= 100_000_000, run.startedAt.isFinite, run.startedAt.magnitude < 1e11 else {
      return "its start or its number of requests is out of range"
    }
    let counts = ([run.summary] + run.stages.map(\.summary)).flatMap { summary -> [Int] in
      let optional = [
        summary.timedOut, summary.censored, summary.inputTokens, summary.outputTokens, summary.wastedTokens,
      ]
      return [summary.completed, summary.errors] + optional.compactMap { $0 }
    }
    guard counts.allSatisfy({ 0...1 << 50 ~= $0 }) else { return "a count is out of range" }
    guard run.hasPossibleFigures else { return "a figure of its run is out of range" }
    guard telemetry.allSatisfy({ RequestRecord.possibleTimes ~= $0.time }) else {
      return "the time of a sample is out of range"
    }
    return requests.first { !$0.isPossible }.map { "request \($0.index) has times or counts that cannot be" }
  }
}

extension Run {
  /// True where every number in it is finite and no larger than bytes or nanoseconds can be: charts and tables count on it.
  fileprivate var hasPossibleFigures: Bool {
    guard let text = try? StoredJSON.text(self), let extent = try? StoredJSON.value(Extent.self, from: text) else {
      return false
    }
    return extent.largest <= 1e18
  }
}

/// The largest magnitude of all numbers in a document; the words for infinities count as such.
private struct Extent: Decodable {
  var largest = 0.0

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let map = try? decoder.container(keyedBy: Name.self) {
      for key in map.allKeys { largest = max(largest, try map.decode(Extent.self, forKey: key).largest) }
    } else if var list = try? decoder.unkeyedContainer() {
      while !list.isAtEnd { largest = max(largest, try list.decode(Extent.self).largest) }
    } else {
      let single = try decoder.singleValueContainer()
      if let number = try? single.decode(Double.self) { largest = number.isFinite ? number.magnitude : .infinity }
    }
  }
}

extension RequestRecord {
  /// Nanoseconds since a run's start: some thirty years to either side.
  static let possibleTimes: ClosedRange<Int64> = -1_000_000_000_000_000_000...1_000_000_000_000_000_000
  private static let possibleCounts = 0...(1 << 32)

  /// True where its times are in order and within bounds, and its counts can be added up.
  var isPossible: Bool {
    let order = [sent, firstToken, lastToken, closed].compactMap { $0 }
    guard zip(order, order.dropFirst()).allSatisfy({ $0 <= $1 }), areTimesPossible else { return false }
    guard zip(chunkTimes, chunkTimes.dropFirst()).allSatisfy({ $0 <= $1 }) else { return false }
    let (first, last) = (firstToken ?? chunkTimes.first, lastToken ?? chunkTimes.last)
    guard chunkTimes.first.map({ $0 >= first ?? $0 }) ?? true, chunkTimes.last.map({ $0 <= last ?? $0 }) ?? true else {
      return false
    }
    let counts = [inputTokens, outputTokens, cachedTokens, requestedOutputTokens, turn, index].compactMap { $0 }
    return (counts + chunkTokens).allSatisfy { Self.possibleCounts ~= $0 }
      && (chunkTokens.isEmpty || chunkTokens.count == chunkTimes.count)
  }

  private var areTimesPossible: Bool {
    ([scheduled, sent, firstToken, firstOutput, lastToken, closed].compactMap { $0 } + chunkTimes)
      .allSatisfy { Self.possibleTimes ~= $0 }
  }
}
