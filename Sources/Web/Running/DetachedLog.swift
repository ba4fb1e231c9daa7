public import Platform

/// The log of a server without a terminal, which its standard output and error are.
public enum DetachedLog {
  /// More is cut off: a server says little, and what it says last counts.
  static let limit = 1 << 20

  public static func path(_ folders: DataFolders) -> String { "\(folders.logs)/serve.log" }

  /// Keeps it short until the task is cancelled.
  public static func keepShort() async {
    while !Task.isCancelled {
      cut(2, over: limit)
      try? await Task.sleep(for: .seconds(60))
    }
  }

  /// Empties a file that is too long.
  static func cut(_ descriptor: Int32, over limit: Int) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > limit else { return }
    ftruncate(descriptor, 0)
  }
}
