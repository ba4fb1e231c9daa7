/// Text broken into lines that fit a width; nothing is cut, since the widths are those that few fonts exceed.
struct DrawnText {
  /// Height of the letters, in pixels.
  var size: Double
  var isBold = false

  /// The width of a text, in pixels: wide letters of common sans-serif fonts, rounded up.
  func width(_ text: String) -> Double {
    text.reduce(0) { $0 + Self.share($1) } * size * (isBold ? 1.08 : 1)
  }

  private static func share(_ letter: Character) -> Double {
    if "iljtfI.,:;|!'()[] ".contains(letter) { return 0.4 }
    if "mwMW@%\u{D7}".contains(letter) { return 0.95 }
    if letter.isUppercase { return 0.72 }
    return letter.isASCII ? 0.63 : 1
  }

  /// Breaks a text between words, and inside a word that alone is too long.
  func lines(_ text: String, room: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ").flatMap({ pieces(String($0), room) }) {
      if let last = lines.last, width("\(last) \(word)") <= room {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  private func pieces(_ word: String, _ room: Double) -> [String] {
    guard width(word) > room else { return [word] }
    var pieces = [""]
    for letter in word {
      if width(pieces[pieces.count - 1] + String(letter)) > room, !pieces[pieces.count - 1].isEmpty {
        pieces.append("")
      }
      pieces[pieces.count - 1].append(letter)
    }
    return pieces
  }
}
