import Deployment
import Units

extension Workspace {
  /// The name of the only deployment that runs.
  ///
  /// - Throws: `Failure` where there is none or there are several.
  public func onlyDeployment() throws -> String {
    let running = deployer.list().filter { !$0.state.isOver }.map(\.name)
    if running.count == 1 { return running[0] }
    guard running.isEmpty else {
      throw Failure(
        .usage, .unknownTarget, "several servers run: \(running.joined(separator: ", "))",
        remedy: "plimsoll chat \(running[0])")
    }
    throw Failure(
      .usage, .unknownTarget, "no server runs to chat with",
      remedy: "start one: plimsoll deploy NAME, where plimsoll recommend lists names")
  }
}
