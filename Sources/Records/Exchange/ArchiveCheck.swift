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
    return requests.first { !$0.isPossible }.map { "request \($0.index) has impossible times or counts" }
  }
}

extension Run {
  /// True where every number in it is finite and no larger than bytes or nanoseconds can be: charts and tables count on it.
  fileprivate var hasPossibleFigures: Bool {
    guard let text = try? StoredJSON.text(self) else { return false }
    return NumberScan.largest(in: Array(text.utf8)) <= 1e18
  }
}

/// Looks at every number of a JSON text in one pass.
private enum NumberScan {
  /// Words by which the store writes what JSON has no number for.
  private static let infinities: Set<[UInt8]> = [Array("inf".utf8), Array("-inf".utf8), Array("nan".utf8)]

  /// The largest magnitude; infinite where one of those words stands for a value.
  static func largest(in bytes: [UInt8]) -> Double {
    var largest = 0.0
    var place = 0
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        let start = place + 1
        place = start
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
          place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        if place - start <= 4, place < bytes.count, infinities.contains(Array(bytes[start..<place])) {
          return .infinity
        }
        place += 1
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let start = place
        while place < bytes.count, isNumber(bytes[place]) { place += 1 }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else { return .infinity }
        largest = max(largest, number.magnitude)
      default: place += 1
      }
    }
    return largest
  }

  private static func isNumber(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || [43, 45, 46, 69, 101].contains(byte)
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
