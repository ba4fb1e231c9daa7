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
    if let page { lines.append("  \(page) in a browser") }
    let secret = deployment.address.apiKeyFile == nil ? "any key" : "that key"
    lines.append("Open WebUI, editors and OpenAI clients take \(deployment.url) as base URL, and \(secret).")
    return lines.joined(separator: "\n")
  }

  /// The address of the engine's own web page; nil where it is not served.
  private var page: String? {
    guard let flag = EngineCatalogue.engine(deployment.engine).operation.pageFlag,
      let launch = deployment.option?.launch, !launch.flags.contains(where: { $0.words.first == flag })
    else { return nil }
    return deployment.url.hasSuffix("/v1") ? String(deployment.url.dropLast(2)) : deployment.url
  }

  /// A text as JSON has it.
  private func shellSafeJSON(_ text: String) -> String { JSONOutput.line([text]).dropFirst().dropLast().description }
}
