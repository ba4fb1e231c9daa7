import Platform
public import Units

/// How far two measurements of the same thing lie apart on a machine: what a difference must exceed to be believed.
public struct NoiseFloor: Hashable, Sendable, Codable {
  /// As a part of one: 0.03 is 3%.
  public var share: Double
  public var source: Source

  public init(share: Double, source: Source) {
    self.share = share
    self.source = source
  }

  /// For a machine on which nothing was measured twice and runs that were not interleaved.
  ///
  /// Reports of comparing identical configurations on unattended machines found 12 to 22%.
  public static let unmeasured = NoiseFloor(
    share: 0.22,
    source: Source(
      .assumed, "published comparisons of identical runs differ by up to 22%; not measured on this machine"))

  /// For blocks that were interleaved, whose own scatter holds the noise already.
  public static let interleaved = NoiseFloor(
    share: 0, source: Source(.computed, "interleaved blocks: the noise is in the interval"))

  /// Makes the floor from ratios that were measured between equal runs; nil with fewer than three.
  ///
  /// The floor is the largest difference seen, or the 95% point once there are twenty.
  public init?(measured ratios: [Double], on machine: String, date: String? = nil) {
    let differences = ratios.filter { $0 > 0 }.map { exp(log($0).magnitude) - 1 }.sorted()
    guard differences.count >= 3, let largest = differences.last else { return nil }
    let share = differences.count < 20 ? largest : differences[Int(0.95 * Double(differences.count - 1))]
    let detail = "\(differences.count) comparisons of equal runs on \(machine)"
    self.init(share: share, source: Source(.measured, detail, date: date))
  }
}
