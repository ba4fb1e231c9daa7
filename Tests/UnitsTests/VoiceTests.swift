import Foundation
import Testing

/// How Plimsoll speaks: the rules that a machine can hold, over every sentence in the sources and the documents.
@Suite struct VoiceTests {
  private static let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  struct Text: Sendable, CustomTestStringConvertible {
    var path: String
    var content: String
    var testDescription: String { path }
  }

  private static func texts(_ folders: [String], _ ending: String) -> [Text] {
    folders.flatMap { folder -> [Text] in
      let names = FileManager.default.enumerator(atPath: "\(checkout)/\(folder)")?.allObjects as? [String] ?? []
      return names.sorted().compactMap { name in
        guard name.hasSuffix(ending) else { return nil }
        return (try? String(contentsOfFile: "\(checkout)/\(folder)/\(name)", encoding: .utf8)).map {
          Text(path: "\(folder)/\(name)", content: $0)
        }
      }
    }
  }

  private static let sources = texts(["Sources", "profiles"], ".swift")
  private static let documents =
    texts(["docs", "packaging"], ".md")
    + ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].compactMap { name in
      (try? String(contentsOfFile: "\(checkout)/\(name)", encoding: .utf8)).map { Text(path: name, content: $0) }
    }

  /// Phrases that sound translated, each with what is said instead.
  private static let banned = [
    ("parted by", "comma-separated"), ("somebody else's", "another machine's"), ("models that see", "vision models"),
    ("is believed", "counts"), ("not believed", "ignored"), ("would have to be made of", "would need requantizing"),
    ("mended", "fixed"), ("placed so", "Layout:"), ("is told by", "shows"), ("for who asks", "add --engine"),
    ("put side by side", "compared"), ("which no model is known", "no known model uses it"),
  ]

  @Test(arguments: sources + documents) func noPhraseSoundsTranslated(_ text: Text) {
    let content = text.content.lowercased()
    for (phrase, better) in Self.banned {
      var rest = content[...]
      while let place = rest.range(of: phrase, options: .literal) {
        // Inside a longer word, such as "recommended", it is none.
        let isWord =
          place.lowerBound == content.startIndex || !content[content.index(before: place.lowerBound)].isLetter
        let line = content[..<place.lowerBound].count { $0 == "\n" } + 1
        #expect(!isWord, "\(text.path):\(line): \(phrase): say \"\(better)\"")
        rest = content[place.upperBound...]
      }
    }
  }

  /// A message is a sentence without a capital and without a full stop, since the program's name stands before it and its code
  /// after it; it fits two lines of a terminal, and so does what to do.
  @Test(arguments: sources) func messagesAreShortAndBeginSmall(_ text: Text) {
    for match in text.content.matches(of: /(?:Reason|Failure)\(\s*(?:\.\w+,\s*){1,2}"((?:[^"\\\n]|\\.)*)"\s*[,)]/) {
      let message = Self.withoutValues(match.1)
      #expect(!message.hasSuffix("."), "\(text.path): \(message)")
      #expect(message.count <= 150, "\(text.path): \(message.count) characters: \(message)")
      let word = message.prefix { $0 != " " }
      let isName = word.contains { !$0.isLetter } || word.dropFirst().contains(where: \.isUppercase) || word.count < 2
      let starts = isName || word.first?.isUppercase != true || Self.names.contains(String(word))
      #expect(starts, "\(text.path): begin with a small letter: \(message)")
    }
    for match in text.content.matches(of: /remedy:\s*"((?:[^"\\\n]|\\.)*)"\s*[,)]/) {
      let remedy = Self.withoutValues(match.1)
      #expect(!remedy.isEmpty && remedy.count <= 150, "\(text.path): \(remedy)")
      #expect(!remedy.hasSuffix(".") || remedy.hasSuffix("..."), "\(text.path): \(remedy)")
    }
  }

  /// The help of an option is one sentence.
  @Test(arguments: sources.filter { $0.path.hasPrefix("Sources/plimsoll/") }) func helpIsASentence(_ text: Text) {
    for match in text.content.matches(of: /help:\s*(?:ArgumentHelp\(\s*)?"((?:[^"\\\n]|\\.)*)"\s*[,)]/) {
      let help = Self.withoutValues(match.1)
      // A value with a literal of its own ends the match early.
      guard !help.contains("\\(") else { continue }
      #expect(help.hasSuffix(".") || help.hasSuffix("?"), "\(text.path): \(help)")
      #expect(help.count <= 120, "\(text.path): \(help.count) characters: \(help)")
    }
  }

  private static let names: Set<String> = [
    "Ampere", "Intel", "Kubernetes", "Ray", "Metal", "Apple", "Knative", "Python",
  ]

  /// A literal with one word for each value that it is given.
  private static func withoutValues(_ literal: Substring) -> String {
    String(literal.replacing(/\\\((?:[^()]|\([^()]*\))*\)/, with: "1"))
  }
}
