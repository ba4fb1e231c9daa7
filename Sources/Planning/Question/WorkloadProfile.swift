public import Engines

/// A kind of use with its usual lengths, load and latency targets; one file each in `profiles/workloads`.
public struct WorkloadProfile: Hashable, Sendable, Codable {
  public var name: String
  /// One sentence for the reader.
  public var summary: String
  public var inputTokens: Int
  public var outputTokens: Int
  /// Requests in flight at the busiest time.
  public var concurrency: Int
  public var timeToFirstTokenSeconds: Double?
  public var timePerOutputTokenSeconds: Double?
  /// Between an answer and the same user's next request.
  public var thinkTimeSeconds: Double?
  /// Where the lengths come from.
  public var source: String

  /// The load as plans take it.
  public var workload: Workload {
    var workload = Workload(
      name: name, inputTokens: inputTokens, outputTokens: outputTokens, concurrency: concurrency)
    workload.timeToFirstTokenTarget = timeToFirstTokenSeconds
    workload.timePerOutputTokenTarget = timePerOutputTokenSeconds
    return workload
  }
}
