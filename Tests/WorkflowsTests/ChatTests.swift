import Platform
import Synchronization
import Testing
import Units

@testable import Benchmarking
@testable import Workflows

/// Answers as they come, without a terminal.
/// One at a time: an interrupt ends the answer that listens.
@Suite(.serialized) struct ChatTests {
  private static let chunks = """
    : a comment
    data: {"choices": [{"delta": {"role": "assistant"}}]}

    data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}

    data: {"choices": [{"delta": {"content": "Hel"}}]}

    data: {"choices": [{"delta": {"content": "lo"}}]}

    data: [DONE]

    data: {"choices": [{"delta": {"content": "after the end"}}]}


    """

  /// However the bytes are split, the pieces are the same.
  @Test(arguments: [1, 2, 7, 4096]) func piecesComeOverAnySplit(_ size: Int) {
    let bytes = Array(Self.chunks.utf8)
    var stream = AnswerStream()
    var pieces: [AnswerStream.Piece] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      pieces += stream.take(bytes[start..<min(start + size, bytes.count)])
    }
    #expect(pieces == [.thought("hm"), .text("Hel"), .text("lo")])
    #expect(stream.isDone)
  }

  /// An answer that reached the limit says so, whether the last chunk has a piece of it or not.
  @Test func anAnswerThatWasCutOffIsKnown() {
    var stream = AnswerStream()
    let bare = "data: {\"choices\": [{\"finish_reason\": \"length\"}]}\n"
    #expect(stream.take(Array(bare.utf8)) == [.cut])
    let empty = "data: {\"choices\": [{\"delta\": {}, \"finish_reason\": \"length\"}]}\n"
    #expect(stream.take(Array(empty.utf8)) == [.cut])
    let last = "data: {\"choices\": [{\"delta\": {\"content\": \"end\"}, \"finish_reason\": \"length\"}]}\n"
    #expect(stream.take(Array(last.utf8)) == [.text("end"), .cut])
    let ended = "data: {\"choices\": [{\"delta\": {}, \"finish_reason\": \"stop\"}]}\n"
    #expect(stream.take(Array(ended.utf8)).isEmpty)
  }

  @Test func aServersOwnErrorIsHeard() {
    var stream = AnswerStream()
    #expect(stream.take(Array("data: {\"error\": {\"message\": \"no room\"}}\n".utf8)) == [.failure("no room")])
    #expect(stream.take(Array("data: not json\n".utf8)).isEmpty)
  }

  @Test func anAnswerIsHandedOnAndKept() async throws {
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 5, first: 1_000_000, pace: 1_000_000) })
    defer { server.stop() }
    var session = ChatSession(with: BenchmarkTarget(baseURL: server.url, model: "mock"))
    let heard = Mutex("")
    let answer = try await session.ask("hello") { part in
      if case .text(let text) = part { heard.withLock { $0 += text } }
    }
    #expect(answer.pieces >= 4 && !answer.isStopped)
    #expect(!heard.withLock { $0 }.isEmpty)
  }

  /// An interrupt ends the answer; the conversation goes on.
  @Test func anInterruptStopsAnAnswer() async throws {
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 2000, first: 1_000_000, pace: 20_000_000) })
    defer { server.stop() }
    var session = ChatSession(with: BenchmarkTarget(baseURL: server.url, model: "mock"))
    let answer = try await session.ask("hello") { _ in _ = InterruptClaim.handle() }
    #expect(answer.isStopped)
    #expect(answer.pieces < 2000)
    #expect(!InterruptClaim.handle())
  }

  @Test func aRefusalSaysWhatTheServerSaid() async throws {
    var session = ChatSession(with: BenchmarkTarget(baseURL: "http://127.0.0.1:1", model: "mock"))
    do {
      _ = try await session.ask("hello") { _ in }
      Issue.record("nobody listens there")
    } catch let error as any ExplainedError {
      #expect(error.reason.code == .unreachable)
    }
  }
}
