import Foundation

/// A chat's answer as it comes: server-sent events with OpenAI's chunks, over any split of the bytes.
struct AnswerStream {
  /// What one chunk adds.
  enum Piece: Hashable, Sendable {
    case text(String)
    /// What the model thinks before it answers.
    case thought(String)
    /// The server's own word that it failed.
    case failure(String)
    /// The answer was cut off at the limit of tokens.
    case cut
  }

  private var line: [UInt8] = []
  private(set) var isDone = false

  /// Longer lines are no chunk of an answer.
  private static let lineLimit = 1 << 20

  /// Takes bytes as they came and returns what they complete.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    for byte in bytes where !isDone {
      guard byte == 10 || byte == 13 else {
        if line.count < Self.lineLimit { line.append(byte) }
        continue
      }
      pieces += event()
      line.removeAll(keepingCapacity: true)
    }
    return pieces
  }

  private mutating func event() -> [Piece] {
    guard line.starts(with: Array("data:".utf8)) else { return [] }
    let data = line.dropFirst(5).drop { $0 == 32 }
    if data.elementsEqual("[DONE]".utf8) {
      isDone = true
      return []
    }
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(data)) else { return [] }
    if let error = chunk.error { return [.failure(error.message ?? "the server failed")] }
    guard let choice = chunk.choices?.first else { return [] }
    // Some servers put the last words and the end into one chunk.
    let end: [Piece] = choice.finish_reason == "length" ? [.cut] : []
    if let text = choice.delta?.content, !text.isEmpty { return [.text(text)] + end }
    if let thought = choice.delta?.reasoning_content ?? choice.delta?.reasoning, !thought.isEmpty {
      return [.thought(thought)] + end
    }
    return end
  }

  /// The members of a chunk that matter, by the protocol's names.
  private struct Chunk: Decodable {
    var choices: [Choice]?
    var error: Failure?
  }
  private struct Choice: Decodable {
    var delta: Delta?
    var finish_reason: String?
  }
  private struct Delta: Decodable {
    var content: String?
    var reasoning_content: String?
    var reasoning: String?
  }
  private struct Failure: Decodable { var message: String? }
}
