import Foundation
import Platform
import Reporting
import Units
import Workflows

/// A conversation at a terminal, or over pipes: a line is a question, until `/exit` or the end of the input.
struct ChatPrompt {
  let mostTokens: Int

  func hold(_ session: ChatSession) async throws {
    var session = session
    Terminal.note("\(session.model): Ctrl-C stops an answer, /clear starts over, /exit ends")
    while let line = question() {
      switch line.trimmingCharacters(in: .whitespaces) {
      case "": continue
      case "/exit", "/quit", "/bye": return
      case "/clear": session.clear()
      case "/help", "/?": Terminal.note("/clear starts over, /exit ends; anything else is asked")
      case let question: try await answer(question, &session)
      }
    }
  }

  /// The next line; an interrupt at the prompt ends the program. Nil at the end of the input.
  private func question() -> String? {
    guard Terminal.isTypedTo else { return readLine() }
    InterruptClaim.take { Foundation.exit(FailureOutcome.interrupted.rawValue) }
    defer { InterruptClaim.release() }
    Terminal.part("> ")
    return readLine()
  }

  private func answer(_ question: String, _ session: inout ChatSession) async throws {
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
      let cut = answer.isCut ? "cut off at \(mostTokens.grouped) tokens (--max-tokens)" : nil
      let rate = answer.rate.map { "\($0.formatted(significant: 3)) tok/s" }
      let words = [answer.isStopped ? "stopped" : nil, cut, rate].compactMap { $0 }
      if Terminal.isTypedTo || answer.isCut, !words.isEmpty {
        Terminal.note(TextStyle.quiet("(\(words.joined(separator: ", ")))"))
      }
    } catch let error as any ExplainedError {
      // One question that fails does not end the conversation of a person.
      guard Terminal.isTypedTo else { throw error }
      Terminal.note("\(printable(error.reason.message)) [\(error.reason.code)]")
    }
  }
}
