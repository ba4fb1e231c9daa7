import Foundation
import Platform
import Units
import Web
import Workflows

/// Starts `plimsoll serve` in a session of its own, as deployments are.
struct DetachedServer {
  private let workspace: Workspace

  init(in workspace: Workspace) { self.workspace = workspace }

  /// Returns the server once it answers; it is ended where it does not.
  ///
  /// - Parameter words: those that start it. No secret is among them.
  /// - Throws: `Failure` with what it said last.
  func started(_ words: [String]) async throws -> RunningServer {
    let folders = workspace.folders
    try DataFolders.make(folders.logs)
    let log = DetachedLog.path(folders)
    let before = fileSize(log) ?? 0
    let process = try startDetached(Workspace.program, words, environment: workspace.environment, log: log)
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      if let server = RunningServer(in: folders) { return server }
      if reap(process.pid) != nil || !process.isRunning { break }
      do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
    }
    process.signalGroup(SIGKILL)
    try Task.checkCancellation()
    let said = DiskTree().read(log, limit: 8 << 20).map { String(decoding: $0.dropFirst(before), as: UTF8.self) } ?? ""
    let last = said.split(separator: "\n").first { $0.hasPrefix("plimsoll: ") }?.dropFirst(10)
    throw Failure(
      .failed, .programNotStarted, "the server did not start: \(printable(String(last ?? "it did not say why")))",
      remedy: "its log is \(log)")
  }
}
