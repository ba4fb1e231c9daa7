public import Deployment
import Engines
import Models
import Planning
import Units

/// What one can do now with a server that was started: its address, a request, a chat.
public struct DeployedScreen: Sendable {
  private let deployment: Deployment
  private let hasChatTemplate: Bool?

  /// - Parameter hasChatTemplate: whether the model's file says how a conversation is written; nil where that is not known.
  public init(_ deployment: Deployment, hasChatTemplate: Bool? = nil) {
    self.deployment = deployment
    self.hasChatTemplate = hasChatTemplate
  }

  public func rendered() -> String {
    var lines = ["\(deployment.name) answers at \(deployment.url)"]
    guard task == .generation else {
      return (lines + [clients, stop].map { Prose.wrapped($0, indent: 2) }).joined(separator: "\n")
    }
    lines.append("  \(request)")
    if hasChatTemplate == false {
      lines.append(Prose.wrapped("No chat template: the model completes text and is not meant for chat."))
    } else {
      lines.append("  plimsoll chat \(shellQuoted(deployment.name))")
    }
    lines.append(page.map { "  \($0) in a browser" } ?? "")
    lines += [clients, stop].map { Prose.wrapped($0, indent: 2) }
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var task: ModelTask { deployment.option?.launch?.task ?? .generation }

  /// A line for a shell that asks for an answer.
  private var request: String {
    let key = deployment.address.apiKeyFile.map { " -H \"Authorization: Bearer $(cat \(shellQuoted($0)))\"" } ?? ""
    let model = shellSafeJSON(deployment.modelName)
    let isChat = hasChatTemplate != false
    let asked =
      isChat ? "\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]" : "\"prompt\": \"Once upon a time\""
    let body = "{\"model\": \(model), \(asked), \"max_tokens\": 200}"
    let path = isChat ? "chat/completions" : "completions"
    return "curl \(deployment.url)/\(path)\(key) -H 'Content-Type: application/json' -d \(shellQuoted(body))"
  }

  /// How other programs are pointed at it.
  private var clients: String {
    let secret = deployment.address.apiKeyFile.map { "the key in \($0)" } ?? "any key"
    return "Open WebUI, editors and OpenAI clients: base URL (OPENAI_BASE_URL) \(deployment.url), "
      + "model \(deployment.modelName), \(secret)"
  }

  private var stop: String { "plimsoll stop \(shellQuoted(deployment.name)) ends it; plimsoll logs shows what it says" }

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
