public import Benchmarking
import GRDB
import Platform

extension RunStore {
  /// How the two sides of a comparison were measured: noise differs between the two.
  public enum Design: String, Hashable, Sendable, Codable, CaseIterable { case interleaved, separate }

  /// Remembers the ratio that was measured between two equal runs of this machine.
  public func rememberNoise(
    _ ratio: Double, of quantity: String, on machine: String, design: Design, between first: String, and second: String
  ) throws(RecordError) {
    guard ratio > 0, ratio.isFinite else { return }
    let pair = [first, second].sorted()
    try writing { database in
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO noise (machine, quantity, design, first, second, ratio, measuredAt)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [machine, quantity, design.rawValue, pair[0], pair[1], ratio, clock.wallSeconds()])
    }
  }

  /// Returns the noise floor of a quantity on a machine, from the equal runs that were compared there; nil with fewer
  /// than three comparisons.
  public func noiseFloor(
    of quantity: String, on machine: String, design: Design
  ) throws(RecordError) -> NoiseFloor? {
    let rows = try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT ratio, measuredAt FROM noise WHERE machine = ? AND quantity = ? AND design = ?",
        arguments: [machine, quantity, design.rawValue])
    }
    let latest: Double? = rows.map { $0["measuredAt"] }.max()
    return NoiseFloor(
      measured: rows.map { $0["ratio"] }, on: machine, date: latest.map { String(isoTimestamp($0).prefix(10)) })
  }
}
