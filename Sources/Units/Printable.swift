/// Returns the text with blanks for whatever could steer a terminal or change how the text around it reads: control
/// characters, ends of lines, and the marks that turn the direction of writing.
///
/// What comes from outside (names in files, answers of servers) passes through here before a person sees it.
public func printable(_ text: String) -> String {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } ? text : blanked(text) { _ in false }
}

/// Returns text of several lines in the same way, with its ends of lines and tabs.
public func printableLines(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x09 }
  return isPlain ? text : blanked(text) { $0 == "\n" || $0 == "\t" }
}

private func blanked(_ text: String, keeps: (Unicode.Scalar) -> Bool) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(keeps(scalar) || !scalar.isSteering ? scalar : " ") }
  return String(result)
}

extension Unicode.Scalar {
  /// True for characters that show nothing themselves and change how others are shown.
  public var isSteering: Bool {
    switch value {
    case 0x20..<0x7F: false
    // Joins letters and emoji, and marks where a word may break.
    case 0x200C, 0x200D, 0xAD: false
    default:
      switch properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}
