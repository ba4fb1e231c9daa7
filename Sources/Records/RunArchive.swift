public import Benchmarking

/// A run with all that belongs to it: what is exported, imported and merged.
public struct RunArchive: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.archive/1"

  public var schema: String = RunArchive.schema
  public var run: Run
  public var requests: [RequestRecord]
  public var telemetry: [TelemetrySample]

  public init(run: Run, requests: [RequestRecord] = [], telemetry: [TelemetrySample] = []) {
    self.run = run
    self.requests = requests
    self.telemetry = telemetry
  }
}

/// How a run came into the store.
public enum RunOrigin: String, Hashable, Sendable, Codable, CaseIterable {
  case measured, imported, merged
}
