/// Everything that the selftest found, as it is printed.
public struct SelftestReport: Hashable, Sendable, Codable {
  public var schema = "plimsoll.selftest/1"
  public var cases: [Selftest.CaseResult]
  public var floor: ClientFloor
  public var speed: Selftest.Speed?

  /// Errors of the metrics above which a case is wrong, seconds: far above a busy machine's, far below the pace.
  static let tolerance = 0.02

  /// Runs the selftest.
  public static func made(streams: Int, speed: Bool) async throws -> SelftestReport {
    let selftest = Selftest()
    return SelftestReport(
      cases: try await selftest.conformance(), floor: try await selftest.timing(streams: streams),
      speed: speed ? try await selftest.speed() : nil)
  }

  public var isPassed: Bool { cases.allSatisfy { $0.isPassed } }
}

extension Selftest.CaseResult {
  public var isPassed: Bool {
    faults.isEmpty
      && [timeToFirstToken, timePerOutputToken, interTokenLatency, endToEnd]
        .allSatisfy { ($0 ?? 0).magnitude < SelftestReport.tolerance }
  }
}
