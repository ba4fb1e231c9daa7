/// What colour means in a terminal; nothing is coloured for its looks.
public enum TextStyle: String, Hashable, Sendable, CaseIterable {
  /// Fits, passes, is faster.
  case good = "32"
  /// Is tight, doubtful, undecided.
  case doubtful = "33"
  /// Does not fit, fails, is slower.
  case bad = "31"
  /// Sources and other asides.
  case quiet = "2"
  /// The answer.
  case strong = "1"

  /// True while results go to a terminal that shows colours; the command line sets it once around a command.
  @TaskLocal public static var isOn = false

  /// Returns the text in this style where styles are on, else as it is.
  public func callAsFunction(_ text: String) -> String {
    Self.isOn && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\(Self.end)" : text
  }

  private static let end = "\u{1B}[0m"

  /// The sequences that a result may hold; any other is none of ours.
  static let sequences = allCases.map { "\u{1B}[\($0.rawValue)m" } + [end]
}
