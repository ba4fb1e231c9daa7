/// Words at the head of a prompt that no other request of any run has, so that no cache knows it.
struct Nonce: Hashable, Sendable {
  /// 8 words of 256 make 64 bits.
  static let words = 8
  let run: UInt64
  /// True where only runs are to differ, not the requests of one.
  var isSameForAll = false

  /// Returns the words of one request.
  func text(_ request: Int) -> String {
    var random = RandomSource(seed: run, stream: isSameForAll ? 0 : UInt64(request))
    return SyntheticPrompts.text(words: Self.words, from: &random)
  }

  /// The text without as many words at its end as a nonce has; at least one word is left.
  private static func shortened(_ text: String) -> Substring {
    let bytes = text.utf8
    var end = bytes.endIndex
    for _ in 0..<words {
      guard let space = bytes[..<end].lastIndex(of: UInt8(ascii: " ")) else { break }
      end = space
    }
    return text[..<end]
  }

  /// Puts the words before the first turn; what they add is taken from that turn's end where its length is aimed at.
  func applied(to conversation: Conversation, request: Int) -> Conversation {
    var changed = conversation
    guard let first = changed.turns.first else { return changed }
    let kept = conversation.inputTokens == nil ? first.text[...] : Self.shortened(first.text)
    var text = text(request)
    text.reserveCapacity(text.utf8.count + 1 + kept.utf8.count)
    text += " "
    text += kept
    changed.turns[0].text = text
    return changed
  }
}
