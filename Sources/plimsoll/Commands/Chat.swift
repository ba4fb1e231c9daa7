import ArgumentParser
import Platform
import Reporting
import Units
import Workflows

/// A plain conversation with a server in the terminal.
struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chat with a model that is deployed.",
    usage: "plimsoll chat [NAME|ADDRESS] [OPTIONS]",
    discussion: """
      Examples:
        plimsoll chat
        plimsoll chat http://127.0.0.1:8080 --system "Answer in one sentence."

      Ctrl-C stops an answer, /clear starts over, /exit or Ctrl-D ends.
      """)
  @Argument(
    help: "A deployment or a server's address (default: the only deployment).",
    completion: Completion.deployments)
  var server: String?
  @Option(help: ArgumentHelp("System prompt.", valueName: "text")) var system: String?
  @Option(help: ArgumentHelp("The most tokens of an answer, with reasoning.", valueName: "n")) var maxTokens =
    ChatSession.usualMostTokens
  @Option(help: "The model's name on the server.") var model: String?
  @Option(help: ArgumentHelp("File with the server's key.", valueName: "file"), completion: .file()) var keyFile:
    String?

  func validate() throws {
    if !(1...1_000_000).contains(maxTokens) { throw ValidationError("--max-tokens is from 1 to 1000000") }
  }

  func run() async throws {
    let workspace = Workspace.ofCommand()
    var words = TargetWords()
    (words.model, words.keyFile) = (model, keyFile)
    let name = try server ?? workspace.onlyDeployment()
    let target = try await workspace.target(name, words)
    if let doubt = workspace.chatDoubt(name) {
      Terminal.note("note: \(printable(doubt.message))\(doubt.remedy.map { " (\($0))" } ?? "") [\(doubt.code)]")
    }
    try await ChatPrompt(mostTokens: maxTokens).hold(ChatSession(with: target, system: system, mostTokens: maxTokens))
  }
}
