/// A model's name as words, so that `Llama3.1:8B` and `llama-3.1-8b-instruct` can be compared.
struct ModelName: Hashable, Sendable {
  let text: String
  /// In lower case; digits after a word of three letters or more are a word of their own (`qwen3`, but not `a3b`).
  let words: [String]

  init(_ text: String) {
    self.text = text
    words = text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == ".") }.flatMap { Self.parted($0) }
  }

  private static func parted(_ word: Substring) -> [String] {
    let letters = word.prefix { $0.isLetter }
    guard letters.count >= 3, letters.count < word.count, word[letters.endIndex].isNumber else { return [String(word)] }
    return [String(letters), String(word[letters.endIndex...])]
  }

  /// The words that say which model it is, not how it was tuned or when.
  var essence: [String] {
    let kept = words.filter { !Self.isTuning($0) }
    return kept.isEmpty ? words : kept
  }

  private static func isTuning(_ word: String) -> Bool {
    if ["instruct", "it", "chat", "hf", "meta", "nvidia", "bf16"].contains(word) { return true }
    // `v0.3`, and dates as 2507 or 0905.
    if word.first == "v", word.count > 1, word.dropFirst().allSatisfy({ $0.isNumber || $0 == "." }) { return true }
    return word.count == 4 && word.allSatisfy(\.isNumber)
  }

  /// True where every word of another name is one of this one's, or the first part of its version: `llama3` is any of 3.1 to 3.3.
  func holds(_ other: ModelName) -> Bool {
    let own = Set(words)
    return other.words.allSatisfy { word in
      own.contains(word) || (word.allSatisfy(\.isNumber) && words.contains { $0.hasPrefix("\(word).") })
    }
  }

  func shared(with other: ModelName) -> Int { Set(words).intersection(other.words).count }

  /// The only one, or the one all of whose words the others have too.
  static func plainest(of names: [ModelName]) -> ModelName? {
    names.count == 1 ? names[0] : names.first { plain in names.allSatisfy { $0.holds(plain) } }
  }
}
