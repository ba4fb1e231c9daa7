import ArgumentParser
import Benchmarking
import Foundation
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
  @Option(help: "The model as the server calls it.") var model: String?
  @Option(help: "A file with the server's key.", completion: .file()) var keyFile: String?

  func run() async throws {
    let workspace = Workspace.ofCommand()
    var words = TargetWords()
    (words.model, words.keyFile) = (model, keyFile)
    let target = try await workspace.target(try server ?? workspace.onlyDeployment(), words)
    var session = ChatSession(with: target, system: system)
    Terminal.note("\(session.model) at \(target.root): Ctrl-C stops an answer, /clear starts anew, /exit ends")
    while let line = Self.question() {
      let question = line.trimmingCharacters(in: .whitespaces)
      switch question {
      case "": continue
      case "/exit", "/quit": return
      case "/clear": session.clear()
      default: try await Self.answer(question, &session)
      }
    }
  }

  /// The next line; an interrupt at the prompt ends the program. Nil at the end of the input.
  private static func question() -> String? {
    guard Terminal.isTypedTo else { return readLine() }
    InterruptClaim.take { Foundation.exit(FailureOutcome.interrupted.rawValue) }
    defer { InterruptClaim.release() }
    Terminal.part("> ")
    return readLine()
  }

  private static func answer(_ question: String, _ session: inout ChatSession) async throws {
    let isStyled = TextStyle.isOn
    do {
      let answer = try await session.ask(question) { part in
        TextStyle.$isOn.withValue(isStyled) {
          switch part {
          case .text(let text): Terminal.part(text)
          case .thought(let text): Terminal.part(TextStyle.quiet(text))
          }
        }
      }
      Terminal.part("\n")
      let rate = answer.rate.map { "\($0.formatted(significant: 3)) tok/s" }
      let words = [answer.isStopped ? "stopped" : nil, rate].compactMap { $0 }
      if Terminal.isTypedTo, !words.isEmpty { Terminal.note(TextStyle.quiet("(\(words.joined(separator: ", ")))")) }
    } catch let error as any ExplainedError {
      // One question that fails does not end the conversation of a person.
      guard Terminal.isTypedTo else { throw error }
      Terminal.note("\(printable(error.reason.message)) [\(error.reason.code)]")
    }
  }
}
