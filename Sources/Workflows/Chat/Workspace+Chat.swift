public import Deployment
import Engines
import Models
import Planning
public import Units

extension Workspace {
  /// Whether the model's file of a deployment says how a conversation is written; nil where it cannot be read.
  public func hasChatTemplate(_ deployment: Deployment) -> Bool? {
    (try? ModelReader.read(path: deployment.modelPath))?.hasChatTemplate
  }

  /// What to know before a chat with a server; nil where there is nothing.
  public func chatDoubt(_ name: String) -> Reason? {
    guard let deployment = deployer.list().first(where: { $0.name == name }) else { return nil }
    let task = deployment.option?.launch?.task ?? .generation
    if task != .generation {
      return Reason(.noTokens, "\(name) is for \(task.rawValue): it writes no answers")
    }
    guard hasChatTemplate(deployment) == false else { return nil }
    return Reason(
      .noChatTemplate,
      "the model of \(name) has no chat template: it completes text, and its answers may make no sense",
      remedy: "plimsoll recommend --for chat lists chat models")
  }

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
      .usage, .unknownTarget, "no server is running to chat with",
      remedy: "start one: plimsoll deploy MODEL; plimsoll recommend lists models")
  }
}
