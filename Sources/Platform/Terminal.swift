import SystemPackage

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

  public init(environment: [String: String]) {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    hasColor = isatty(1) == 1 && !noColor && environment["TERM"] != "dumb"
    isLive = isatty(2) == 1 && environment["TERM"] != "dumb"
    var size = winsize()
    let known = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
    let stated = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 20 ? $0 : nil }
    width = stated ?? (known ? Int(size.ws_col) : 100)
    resultWidth = isatty(1) == 1 ? width : nil
  }

  /// Writes a result to standard output, with a line's end.
  public static func result(_ text: String) {
    write(text + "\n", to: .standardOutput)
  }

  /// Writes a note on progress to standard error, with a line's end.
  public static func note(_ text: String) {
    write(text + "\n", to: .standardError)
  }

  /// Draws over the current line of standard error; does nothing where that is no terminal.
  public func draw(_ text: String) {
    guard isLive else { return }
    Self.write("\r\u{1B}[2K" + String(text.prefix(max(20, width - 1))), to: .standardError)
  }

  private static func write(_ text: String, to file: FileDescriptor) {
    // A closed pipe ends the output, not the program's work.
    _ = try? file.writeAll(text.utf8)
  }
}
