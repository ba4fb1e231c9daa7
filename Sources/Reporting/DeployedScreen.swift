public import Deployment
import Engines
import Models
import Planning
import Units

/// What one can do now with a server that was started: its address, a request, a chat.
public struct DeployedScreen: Sendable {
  private let deployment: Deployment

  public init(_ deployment: Deployment) { self.deployment = deployment }

  public func rendered() -> String {
    var lines = ["\(deployment.name) answers at \(deployment.url)"]
    guard (deployment.option?.launch?.task ?? .generation) == .generation else { return lines[0] }
    let key = deployment.address.apiKeyFile.map { " -H \"Authorization: Bearer $(cat \(shellQuoted($0)))\"" } ?? ""
    let model = shellSafeJSON(deployment.modelName)
    let body = "{\"model\": \(model), \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"
    lines += [
      "  curl \(deployment.url)/chat/completions\(key) -H 'Content-Type: application/json' -d \(shellQuoted(body))",
      "  plimsoll chat \(shellQuoted(deployment.name))",
    ]
    return lines.joined(separator: "\n")
  }

  /// A text as JSON has it.
  private func shellSafeJSON(_ text: String) -> String { JSONOutput.line([text]).dropFirst().dropLast().description }
}
