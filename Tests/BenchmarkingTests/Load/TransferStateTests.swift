import Testing

@testable import Benchmarking

@Suite struct TransferStateTests {
  private func state(of text: String, status: Int = 200) -> TransferState {
    var state = TransferState(record: RequestRecord(index: 0, stage: "s", scheduled: 0))
    Array(text.utf8).withUnsafeBufferPointer { state.receive($0, at: 1, status: status) }
    state.finishStream(at: 2)
    return state
  }

  private static let content = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"

  private static func ended(_ reason: String) -> String {
    "\(content)data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"\(reason)\"}]}\n\ndata: [DONE]\n\n"
  }

  @Test(arguments: ["error", "abort", "cancelled", "timeout"])
  func anAnswerThatTheServerGaveUpIsAFailure(reason: String) {
    #expect(state(of: Self.ended(reason)).eventError == "the server ended the answer with the finish reason \(reason)")
  }

  @Test(arguments: ["stop", "length", "tool_calls", "content_filter"])
  func anAnswerThatEndedIsNone(reason: String) { #expect(state(of: Self.ended(reason)).eventError == nil) }

  /// The words of a proxy or of a dying process are no JSON, and what follows may still say `[DONE]`.
  @Test func wordsAmongTheEventsAreAFailureWhereNothingElseEndsTheAnswer() {
    let words = "data: Internal Server Error\n\n"
    #expect(
      state(of: "\(Self.content)\(words)data: [DONE]\n\n").eventError
        == "the stream carried words that are no JSON: Internal Server Error")
    #expect(state(of: words + Self.ended("stop")).eventError == nil)
    #expect(state(of: "\(Self.content)data: {\"choices\":[").eventError == nil)
    #expect(state(of: "data: \n\n\(Self.content)data: [DONE]\n\n").eventError == nil)
  }

  @Test func aClientWithoutTLSIsNotTheServersFault() {
    #expect(Transfer.unsupportedProtocol(isSecure: true, hasTLS: false).contains("TLS"))
    for (isSecure, hasTLS) in [(true, true), (false, false), (false, true)] {
      #expect(Transfer.unsupportedProtocol(isSecure: isSecure, hasTLS: hasTLS).contains("not HTTP"))
    }
    #expect(RequestAddress("HTTPS://h/v1").isSecure && !RequestAddress("http://h/https:").isSecure)
  }

  @Test(arguments: [("", true), (": ping\n\n", true), ("data: x", false), ("{}", false), (content, false)])
  func emptyAnswersAreKnown(text: String, isEmpty: Bool) { #expect(state(of: text).isEmpty == isEmpty) }
}
