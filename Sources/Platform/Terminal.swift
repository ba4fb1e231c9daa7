import Synchronization
import SystemPackage
import Units

/// The user's terminal: what it can show, and plain writes to it.
public struct Terminal: Sendable {
  /// True where standard output is a terminal and colour is not switched off.
  public let hasColor: Bool
  /// True where standard error is a terminal, so that a line can be drawn over.
  public let isLive: Bool
  /// Columns of the terminal, 100 where there is none.
  public let width: Int
  /// Columns that results are fitted to: those of the terminal; nil where standard output is a file or another program.
  public let resultWidth: Int?
  /// Columns that notes and errors are wrapped to; nil where standard error is a file or another program.
  public let noteWidth: Int?

  public init(environment: [String: String]) {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    hasColor = isatty(1) == 1 && !noColor && environment["TERM"] != "dumb"
    isLive = isatty(2) == 1 && environment["TERM"] != "dumb"
    var size = winsize()
    let known = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
    let stated = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 20 ? $0 : nil }
    width = stated ?? (known ? Int(size.ws_col) : 100)
    resultWidth = isatty(1) == 1 ? width : nil
    noteWidth = isatty(2) == 1 ? width : nil
  }

  /// Writes a result to standard output, with a line's end; what could steer the terminal is blanked.
  public static func result(_ text: String) {
    write(shown(text) + "\n", to: .standardOutput)
  }

  /// Writes a part of a result to standard output, without a line's end; what could steer the terminal is blanked.
  public static func part(_ text: String) {
    write(shown(text), to: .standardOutput)
  }

  /// True where standard input is a terminal: a person types.
  public static var isTypedTo: Bool { isatty(0) == 1 }

  /// Writes a document for other programs to standard output as it is.
  ///
  /// - Parameter end: what follows it; empty where the document has ends of lines of its own.
  public static func document(_ text: String, end: String = "\n") {
    write(text + end, to: .standardOutput)
  }

  /// Writes a note on progress to standard error, with a line's end; what could steer the terminal is blanked.
  public static func note(_ text: String) {
    write(shown(text) + "\n", to: .standardError)
  }

  /// The text without control characters but for ends of lines, tabs, and styles of our own where they are on.
  static func shown(_ text: String) -> String {
    guard TextStyle.isOn, text.unicodeScalars.contains("\u{1B}") else { return printableLines(text) }
    var rest = text[...]
    var result = ""
    while let escape = rest.firstIndex(of: "\u{1B}") {
      result += printableLines(String(rest[..<escape]))
      rest = rest[escape...]
      let style = TextStyle.sequences.first { rest.hasPrefix($0) }
      result += style ?? " "
      rest = rest.dropFirst(style?.count ?? 1)
    }
    return result + printableLines(String(rest))
  }

  /// Why standard output did not take all that was written, the first time; nil where it did, or its reader went away.
  public static var outputFailure: String? { failure.withLock { $0 } }

  /// Of the process, as standard output is.
  private static let failure = Mutex<String?>(nil)

  /// Draws over the current line of standard error; does nothing where that is no terminal.
  public func draw(_ text: String) {
    guard isLive else { return }
    Self.write("\r\u{1B}[2K" + printable(String(text.prefix(max(20, width - 1)))), to: .standardError)
  }

  /// True where standard output is a terminal that can be cleared.
  public var isScreen: Bool { isatty(1) == 1 && isLive }

  /// Clears the screen and writes a result at its top; does nothing where there is no screen.
  public func redraw(_ text: String) {
    guard isScreen else { return }
    Self.write("\u{1B}[H\u{1B}[2J" + Self.shown(text) + "\n", to: .standardOutput)
  }

  /// Asks for a yes or no on standard error; false where nobody can answer.
  public func confirms(_ question: String) -> Bool {
    guard isatty(0) == 1, isLive else { return false }
    Self.note("\(question) [y/N]")
    return ["y", "yes"].contains((readLine() ?? "").lowercased())
  }

  private static func write(_ text: String, to file: FileDescriptor) {
    do {
      _ = try file.writeAll(text.utf8)
    } catch {
      // A closed pipe ends the output, not the program's work.
      guard file == .standardOutput, (error as? Errno) != .brokenPipe else { return }
      failure.withLock { $0 = $0 ?? "\(error)" }
    }
  }
}
