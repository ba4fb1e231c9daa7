/// A GGUF file's name for people, of what its header says and what its file is called.
///
/// Converters make `general.name` of a folder's name as it happened to be (`Smollm2 135M 8k Lc100K Mix1 Ep2`); publishers
/// take more care with the file's. Where the two disagree the file's goes first.
struct GGUFName: Hashable, Sendable {
  let text: String

  /// - Parameters:
  ///   - stated: `general.name`.
  ///   - path: the file's path; a name such as `model.gguf` or a hash says nothing.
  init(stated: String?, path: String?) {
    let own = path.map { Self.words(QuantizationLabel.base(of: $0)) } ?? []
    let named = Self.words(Substring(stated ?? ""))
    let isTelling = !own.isEmpty && !Self.isGeneric(own)
    guard !Self.key(named).isEmpty else {
      text = own.isEmpty ? "model" : own.joined(separator: " ")
      return
    }
    let (mine, theirs) = (Self.key(own), Self.key(named))
    // One that holds the other says the same: `Meta Llama 3.1 8B Instruct` and `llama-3.1-8b-instruct`.
    let isSame = mine == theirs
    let isFuller = theirs.contains(mine) && !isSame
    let keepsCase = isSame && Self.capitals(named) >= Self.capitals(own)
    text = (!isTelling || isFuller || keepsCase ? named : own).joined(separator: " ")
  }

  /// Words without what tells only how the weights are stored.
  private static func words(_ text: Substring) -> [String] {
    text.split { $0 == "-" || $0 == "_" || $0.isWhitespace }.map { $0.hasSuffix(".") ? $0.dropLast() : $0 }
      .filter { !$0.isEmpty && !["gguf", "fp32", "f32", "fp16", "f16", "bf16"].contains($0.lowercased()) }
      .map(String.init)
  }

  private static func key(_ words: [String]) -> String {
    words.joined().lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private static func capitals(_ words: [String]) -> Int { words.joined().count { $0.isUppercase } }

  /// True for names that a program gave: `model`, `ggml-model`, a hash.
  private static func isGeneric(_ words: [String]) -> Bool {
    let key = key(words)
    if ["model", "ggmlmodel", "consolidated", "weights", "main"].contains(key) { return true }
    let digits = key.hasPrefix("sha256") ? key.dropFirst(6) : key[...]
    return digits.count >= 32 && digits.allSatisfy(\.isHexDigit) || !key.contains(where: \.isLetter)
  }
}
