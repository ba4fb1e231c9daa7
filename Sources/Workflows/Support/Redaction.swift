/// Makes text fit to be shown to strangers: without keys and passwords, the home folder, and the name of the machine.
public struct Redaction: Sendable {
  static let mark = "[hidden]"
  /// Options whose values may hold a key or a user's own text.
  private static let privateOptions: Set<String> = ["--header", "--extra-body", "--system", "--env"]

  /// What is replaced, longest first, so that no part of one is left.
  private let replaced: [(text: String, by: String)]

  /// - Parameter machine: the machine's name, which is often its user's.
  public init(environment: [String: String], machine: String? = nil) {
    let secrets = environment.filter { name, value in
      value.count >= 6 && ["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD"].contains { name.uppercased().contains($0) }
    }
    var pairs = secrets.values.map { (text: $0, by: Self.mark) }
    if let home = environment["HOME"], home.count > 1 { pairs.append((home, "~")) }
    if let machine, machine.count > 2 { pairs.append((machine, "this-machine")) }
    replaced = pairs.sorted { $0.text.count > $1.text.count }
  }

  /// A text without what nobody else should see.
  public func callAsFunction(_ text: String) -> String {
    let named = replaced.reduce(text) { text, pair in text.replacing(pair.text, with: pair.by) }
    return named.replacing(/\b(?:hf|sk|ghp|xox[a-z])[_-][A-Za-z0-9_-]{8,}/, with: Self.mark)
      .replacing(/(?i)\b(bearer|basic) +[^\s"']+/) { "\($0.output.1) \(Self.mark)" }
      .replacing(/:\/\/[^\s\/]+@/, with: "://\(Self.mark)@")
      .replacing(/\b[^\s\/:@"']+:[^\s\/@]+@/, with: "\(Self.mark)@")
      .replacing(/(:\/\/[^\s?#"']+)[?#][^\s"']*/) { "\($0.output.1)?\(Self.mark)" }
  }

  /// The words of a command line, without the values of options that may hold a key.
  public func callAsFunction(words: [String]) -> [String] {
    var isPrivate = false
    return words.map { word in
      defer { isPrivate = Self.privateOptions.contains(word) }
      if isPrivate { return Self.mark }
      if let equals = word.firstIndex(of: "="), Self.privateOptions.contains(String(word[..<equals])) {
        return word[...equals] + Self.mark
      }
      return self(word)
    }
  }
}
