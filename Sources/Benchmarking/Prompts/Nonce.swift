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

  /// Puts the words before the first turn; what they add is taken from that turn's end where its length is aimed at.
  func applied(to conversation: Conversation, request: Int) -> Conversation {
    var changed = conversation
    guard let first = changed.turns.first else { return changed }
    var words = first.text.split(separator: " ", omittingEmptySubsequences: false)
    if conversation.inputTokens != nil { words.removeLast(min(Self.words, max(0, words.count - 1))) }
    changed.turns[0].text = text(request) + " " + words.joined(separator: " ")
    return changed
  }
}
