import Hub
public import Records
import Units

/// What is kept of work that was interrupted.
extension Failure {
  /// Measurements that were stopped before their end.
  public static func interrupted(keeping runs: [Run]) -> Failure {
    let names = runs.map(\.id).joined(separator: " and ")
    return Failure(
      .interrupted, .interrupted,
      "interrupted; what was measured is kept as \(names), marked incomplete",
      remedy: runs.first.map { "plimsoll runs show \($0.id)" })
  }

  /// A download that was stopped before its end.
  static func interrupted(download progress: PullProgress?) -> Failure {
    guard let progress, progress.bytesDone > .zero else {
      return Failure(.interrupted, .interrupted, "interrupted; nothing was fetched yet")
    }
    return Failure(
      .interrupted, .interrupted, "interrupted; \(progress.bytesDone) of \(progress.bytesTotal) are kept",
      remedy: "the same command goes on from there")
  }
}
