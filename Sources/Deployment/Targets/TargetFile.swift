/// One file that a target writes.
public struct TargetFile: Hashable, Sendable {
  public var name: String
  public var text: String
  /// What to do with it, as a command of a shell in its folder.
  public var usage: String
  /// Where that command puts it, below the home folder; nil where it stays where it is.
  public var place: String?
  /// The command that takes back what `usage` did; nil where it leaves nothing.
  public var undo: String?

  public init(name: String, text: String, usage: String) {
    self.name = name
    self.text = text
    self.usage = usage
  }

  /// A file that a service manager reads in a folder of the user's.
  ///
  /// - Parameters:
  ///   - folder: below the home folder; it is made where it is not there.
  ///   - start: the command that starts the service once the file is in place.
  ///   - stop: the command that ends it again.
  init(name: String, text: String, folder: String, start: String, stop: String) {
    self.name = name
    self.text = text
    usage = "mkdir -p ~/\(folder) && cp \(name) ~/\(folder)/ && \(start)"
    place = "\(folder)/\(name)"
    undo = "\(stop); cd; rm -f \(folder)/\(name); rmdir -p \(folder) 2>/dev/null; true"
  }
}
