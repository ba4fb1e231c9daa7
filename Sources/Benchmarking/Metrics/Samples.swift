/// A value that was seen so many times.
struct WeightedSample: Hashable {
  var value: Double
  var weight: Int
}

/// Samples of one quantity, in a space that does not grow with their number.
///
/// The first are kept as they are, so that a usual run's percentiles are samples of it. Beyond, they are counted in
/// buckets of 0.1% of their value; count, mean, deviation, least and greatest stay exact.
struct Samples: Sendable {
  /// Different samples that are kept as they are: 64 KiB of each of a dozen quantities.
  static let mostExact = 4096

  private var exact: [WeightedSample] = []
  private var buckets: SampleBuckets?
  private(set) var count = 0
  private var least = Double.infinity
  private var greatest = -Double.infinity
  /// Sums of the distances from the first sample, which keep their digits where all samples are alike.
  private var origin = 0.0
  private var sum = 0.0
  private var squares = 0.0

  init() {}

  mutating func add(_ value: Double, weight: Int = 1) {
    guard weight > 0 else { return }
    if count == 0 { origin = value }
    count += weight
    let distance = value - origin
    sum += distance * Double(weight)
    squares += distance * distance * Double(weight)
    least = min(least, value)
    greatest = max(greatest, value)
    if buckets != nil {
      buckets?.add(value, weight)
      return
    }
    exact.append(WeightedSample(value: value, weight: weight))
    guard exact.count > Self.mostExact else { return }
    var found = SampleBuckets()
    for sample in exact { found.add(sample.value, sample.weight) }
    buckets = found
    exact = []
  }

  mutating func add(_ value: Double?) {
    if let value { add(value) }
  }

  /// The greatest sample; nil where there is none.
  var maximum: Double? { count > 0 ? greatest : nil }

  /// Returns the smallest sample that at least this share of all does not exceed; nil where there is none.
  func quantile(_ share: Double) -> Double? { quantiles([share], withholds: false)[0] }

  /// Summarizes them; percentiles without a 95% interval at this count are withheld.
  var distribution: Distribution {
    var found = Distribution(count: count)
    guard count > 0 else { return found }
    let total = Double(count)
    found.minimum = least
    found.maximum = greatest
    found.mean = origin + sum / total
    found.standardDeviation = count > 1 ? (max(0, squares - sum * sum / total) / (total - 1)).squareRoot() : nil
    let ranks = quantiles([0.5, 0.9, 0.95, 0.99], withholds: true)
    (found.p50, found.p90, found.p95, found.p99) = (ranks[0], ranks[1], ranks[2], ranks[3])
    return found
  }

  /// Nearest ranks of ascending shares.
  private func quantiles(_ shares: [Double], withholds: Bool) -> [Double?] {
    let sorted = buckets?.samples ?? exact.sorted { $0.value < $1.value }
    var place = 0
    var passed = 0
    return shares.map { share in
      guard count > 0, !withholds || count >= Distribution.leastSamples(for: share) else { return nil }
      let rank = max(1, Int((share * Double(count)).rounded(.up)))
      while place < sorted.count - 1, passed + sorted[place].weight < rank {
        passed += sorted[place].weight
        place += 1
      }
      return min(max(sorted[place].value, least), greatest)
    }
  }
}

/// Counts of values by their size, 1,024 buckets to a doubling; memory comes with the doublings that occur.
struct SampleBuckets: Sendable {
  /// Doublings from half a nanosecond to twelve days, in seconds.
  private static let exponents = -31...20
  private static let perDoubling = 1024
  private var doublings = [[Int]](repeating: [], count: SampleBuckets.exponents.count)
  /// Values below the least doubling, negative ones among them.
  private var zeros = 0
  /// Values above the greatest doubling.
  private var beyond = 0

  mutating func add(_ value: Double, _ weight: Int) {
    guard value.isFinite, value >= 0x1p-31 else {
      zeros += weight
      return
    }
    let bits = value.bitPattern
    let exponent = Int(bits >> 52 & 0x7FF) - 1023
    guard exponent <= Self.exponents.upperBound else {
      beyond += weight
      return
    }
    let place = exponent - Self.exponents.lowerBound
    if doublings[place].isEmpty { doublings[place] = [Int](repeating: 0, count: Self.perDoubling) }
    doublings[place][Int(bits >> 42 & 1023)] += weight
  }

  /// The middles of the buckets that hold something, ascending.
  var samples: [WeightedSample] {
    var found = zeros > 0 ? [WeightedSample(value: 0, weight: zeros)] : []
    for (place, counts) in doublings.enumerated() {
      let exponent = UInt64(place + Self.exponents.lowerBound + 1023)
      for (part, weight) in counts.enumerated() where weight > 0 {
        let middle = exponent << 52 | UInt64(part) << 42 | 1 << 41
        found.append(WeightedSample(value: Double(bitPattern: middle), weight: weight))
      }
    }
    // The greatest sample itself is known to whoever asks.
    return beyond > 0 ? found + [WeightedSample(value: .infinity, weight: beyond)] : found
  }
}
