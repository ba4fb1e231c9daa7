import Hub
import Synchronization
import Units

/// A download that somebody follows; where it is interrupted, they hear what is kept of it.
struct WatchedPull {
  let client: HubClient
  let audience: Audience
  var options = PullOptions()

  /// Fetches the files.
  ///
  /// - Throws: `HubError`; `Failure` for an interruption.
  func pulled(_ files: [HubFile], of repository: String, revision: String, commit: String) async throws -> PullResult {
    let latest = LatestProgress()
    defer { audience.pulling(nil) }
    do {
      return try await Puller(client: client, options: options).pull(
        files, of: repository, revision: revision, commit: commit
      ) { [audience] progress in
        latest.keep(progress)
        audience.pulling(progress)
      }
    } catch is CancellationError {
      throw Failure.interrupted(download: latest.progress)
    }
  }
}

/// How far a download was when it last told.
private final class LatestProgress: Sendable {
  private let state = Mutex(PullProgress?.none)

  var progress: PullProgress? { state.withLock { $0 } }

  func keep(_ progress: PullProgress) { state.withLock { $0 = progress } }
}
