import Hub
import Platform
import Units
import Web
import Workflows

/// What `plimsoll serve` says of the server, and asks of one that runs.
struct ServeScreen {
  private let workspace: Workspace

  init(_ workspace: Workspace) { self.workspace = workspace }

  static let openWords =
    "Not encrypted: others on the network can read along. Safer: ssh -L 8765:127.0.0.1:8765 HOST, or a proxy with TLS."

  /// Shows a server that begins in this terminal.
  func begin(_ server: RunningServer, _ gate: Gate) {
    server.hasPages ? Terminal.result("Open \(gate.link)") : showAPI(server)
  }

  private func showAPI(_ server: RunningServer) {
    Terminal.result("The API answers at \(server.url)/api/v1")
    if server.isKeyMade { Terminal.result("Send this header: Authorization: Bearer \(server.key)") }
  }

  /// Shows how to reach a server that runs elsewhere, by an address that works once.
  ///
  /// - Parameter isNew: true for one that was just started.
  /// - Throws: `Failure` where none runs, or it does not answer.
  func show(_ server: RunningServer?, opensBrowser: Bool, isNew: Bool = false) async throws {
    guard let server else { throw Self.noneRuns }
    if server.hasPages {
      let link = try await server.newLink(over: CurlTransport())
      Terminal.result("Open \(link)")
      if opensBrowser { _ = await BrowserOpening(in: workspace).open(link) }
    } else {
      showAPI(server)
    }
    let place = server.isDetached ? "in the background" : "in another terminal"
    Terminal.note(
      "\(isNew ? "It runs" : "Already running") \(place) (process \(server.process.pid)). plimsoll serve --stop ends it."
    )
  }

  /// Ends a server that runs.
  ///
  /// - Throws: `Failure` where none runs, or it does not end.
  func stop(_ server: RunningServer?) async throws {
    guard let server else { throw Self.noneRuns }
    guard await server.end(in: workspace.folders) else {
      throw Failure(.failed, .notStopped, "process \(server.process.pid) still runs")
    }
    Terminal.note("Stopped. Deployments keep running.")
  }

  /// A line in the log of a server without a terminal.
  func log(_ words: String) {
    Terminal.note("[\(isoTimestamp(workspace.clock.wallSeconds()))] process \(getpid()): \(words)")
  }

  private static let noneRuns = Failure(
    .failed, .serverUnreachable, "no server runs", remedy: "plimsoll serve starts one")

  /// Why there is no second one.
  ///
  /// - Parameter server: nil for one that has just begun.
  static func runs(_ server: RunningServer?) -> Failure {
    let place = server.map { " at \($0.url) (process \($0.process.pid))" } ?? ""
    return Failure(
      .failed, .addressInUse, "a server runs already\(place)",
      remedy: "plimsoll serve --link prints its address; plimsoll serve --stop ends it")
  }
}
