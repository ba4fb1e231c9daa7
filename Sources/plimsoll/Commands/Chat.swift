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

      Ctrl-C stops an answer, /clear starts anew, /exit or Ctrl-D ends.
      """)
  @Argument(
    help: "A deployment or a server's address; the only deployment where it is left out.",
    completion: Completion.deployments)
  var server: String?
  @Option(help: "What the model is told before the conversation.") var system: String?
  @Option(help: "The most tokens of one answer, thoughts included.") var maxTokens = ChatSession.usualMostTokens
  @Option(help: "The model as the server calls it.") var model: String?
  @Option(help: "A file with the server's key.", completion: .file()) var keyFile: String?

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
