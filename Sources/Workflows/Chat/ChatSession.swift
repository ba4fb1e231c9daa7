public import Benchmarking
import Foundation
import Hub
import Platform
import Synchronization
import Units

/// A conversation with a server: every question goes out with all that was said before.
public struct ChatSession: Sendable {
  private struct Message: Codable, Sendable {
    var role: String
    var content: String
  }

  private struct Request: Encodable {
    var model: String
    var messages: [Message]
    var max_tokens: Int
    var stream = true
  }

  /// What an answer came to.
  public struct Answer: Hashable, Sendable {
    /// Pieces that came, about the tokens of answer and thoughts.
    public var pieces = 0
    /// Between the first piece and the last; nil of fewer than two.
    public var seconds: Double?
    /// True where the reader stopped it.
    public var isStopped = false
    /// True where it reached the most tokens that an answer may have.
    public var isCut = false

    /// Pieces a second; nil where there were too few, or they came in one go.
    public var rate: Double? { seconds.flatMap { $0 > 0.05 && pieces > 4 ? Double(pieces - 1) / $0 : nil } }
  }

  /// What is written while an answer comes.
  public enum Part: Hashable, Sendable {
    case text(String)
    case thought(String)
  }

  private let target: BenchmarkTarget
  private let system: String?
  private let mostTokens: Int
  private var messages: [Message] = []
  private let clock = MonotonicClock()
  private let transport = CurlTransport()
  /// True where an interrupt of the program ends an answer and not the program.
  public var takesInterrupts = true

  /// Enough for long thoughts and an answer; without a limit a model that repeats itself goes on until its context is full.
  public static let usualMostTokens = 4096

  /// - Parameters:
  ///   - system: what the model is told before the conversation; nil for nothing.
  ///   - mostTokens: where an answer is cut off, thoughts and text together.
  public init(with target: BenchmarkTarget, system: String? = nil, mostTokens: Int = Self.usualMostTokens) {
    self.target = target
    self.system = system
    self.mostTokens = mostTokens
    clear()
  }

  /// Goes on where a conversation was left.
  ///
  /// - Parameter said: what was said, the question of a user and the answer to it in turn.
  public mutating func take(said: [String]) {
    for (place, words) in said.enumerated() {
      messages.append(Message(role: place % 2 == 0 ? "user" : "assistant", content: words))
    }
  }

  /// The model as the server calls it.
  public var model: String { target.model }

  /// Forgets what was said.
  public mutating func clear() {
    messages = system.map { [Message(role: "system", content: $0)] } ?? []
  }

  /// Asks, and hands on the answer as it comes; an interrupt ends the answer and not the conversation.
  ///
  /// What came of a stopped answer stays in the conversation; a question that failed does not.
  ///
  /// - Throws: `Failure` where the server refuses or fails, `HTTPError` where it cannot be reached.
  public mutating func ask(_ question: String, onPart: @escaping @Sendable (Part) -> Void) async throws -> Answer {
    messages.append(Message(role: "user", content: question))
    let exchange = Exchange(onPart, clock)
    do {
      let status = try await send(exchange)
      if let failure = exchange.failure(status: status) { throw failure }
    } catch {
      messages.removeLast()
      throw error
    }
    let (answer, text) = exchange.result
    messages.append(Message(role: "assistant", content: text))
    return answer
  }

  /// Sends the conversation; returns the status, nil where the reader stopped the answer.
  private func send(_ exchange: Exchange) async throws -> Int? {
    var headers = ["Content-Type": "application/json", "Accept": "text/event-stream", "Expect": ""]
    if let key = target.apiKey { headers["Authorization"] = "Bearer \(key)" }
    let body = try JSONEncoder().encode(Request(model: target.model, messages: messages, max_tokens: mostTokens))
    let request = HTTPRequest(
      "POST", target.endpoint, headers: headers, body: Array(body), timeout: .seconds(24 * 3600))
    let task = Task { [transport] in
      try await transport.stream(request) { exchange.take($0) }
    }
    if takesInterrupts {
      InterruptClaim.take {
        exchange.stop()
        task.cancel()
      }
    }
    defer { if takesInterrupts { InterruptClaim.release() } }
    do {
      return try await withTaskCancellationHandler {
        try await task.value.status
      } onCancel: {
        task.cancel()
      }
    } catch {
      guard exchange.result.answer.isStopped else { throw error }
      return nil
    }
  }
}

/// One answer on its way; pieces come on the transport's thread.
private final class Exchange: Sendable {
  private struct State {
    var stream = AnswerStream()
    var answer = ChatSession.Answer()
    var text = ""
    var first: Int64?
    var raw: [UInt8] = []
    var failure: String?
  }

  private let state = Mutex(State())
  private let onPart: @Sendable (ChatSession.Part) -> Void
  private let clock: MonotonicClock

  init(_ onPart: @escaping @Sendable (ChatSession.Part) -> Void, _ clock: MonotonicClock) {
    self.onPart = onPart
    self.clock = clock
  }

  var result: (answer: ChatSession.Answer, text: String) { state.withLock { ($0.answer, $0.text) } }

  func stop() { state.withLock { $0.answer.isStopped = true } }

  func take(_ bytes: [UInt8]) {
    let now = clock.now()
    let pieces = state.withLock { state -> [AnswerStream.Piece] in
      guard !state.answer.isStopped else { return [] }
      if state.raw.count < 4096 { state.raw += bytes.prefix(4096) }
      let pieces = state.stream.take(bytes)
      for piece in pieces {
        switch piece {
        case .failure(let words): state.failure = words
        case .text(let words): state.text += words
        case .thought: break
        case .cut:
          state.answer.isCut = true
          continue
        }
        state.answer.pieces += 1
        let first = state.first ?? now
        state.first = first
        state.answer.seconds = Double(now - first) / 1e9
      }
      return pieces
    }
    for piece in pieces {
      switch piece {
      case .text(let words): onPart(.text(words))
      case .thought(let words): onPart(.thought(words))
      case .failure, .cut: break
      }
    }
  }

  /// Why there is no answer; nil where there is one, or the reader stopped it.
  func failure(status: Int?) -> Failure? {
    let (isStopped, said, raw) = state.withLock { ($0.answer.isStopped, $0.failure, $0.raw) }
    guard !isStopped, let status else { return nil }
    if let said { return Failure(.engineFailed, .serverFailed, "the server failed: \(said)") }
    guard !(200..<300).contains(status) else { return nil }
    let words = String(decoding: raw.prefix(300), as: UTF8.self)
    return Failure(.engineFailed, .serverFailed, "the server refused with status \(status): \(words)")
  }
}
