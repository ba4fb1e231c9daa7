/// Where Plimsoll keeps things: the XDG folders, or all below `PLIMSOLL_HOME`.
public struct DataFolders: Hashable, Sendable {
  /// Database, engines, deployments and logs.
  public var data: String
  /// `config.yaml` and the user's own profiles.
  public var configuration: String
  /// What can be made again: the measured bandwidth, downloaded listings.
  public var cache: String
  /// The Hugging Face cache, shared with every other tool.
  public var huggingFace: String

  /// Creates the folders' names from the environment; nothing is made on disk.
  ///
  /// As the XDG specification says, a variable with a relative path is ignored: what it names would depend on where a
  /// command is started. Without a home the system's user database is asked, and never a place where everybody may write.
  ///
  /// - Parameter systemHome: the home of a user whose environment names none.
  public init(environment: [String: String], systemHome: () -> String? = homeOfUser) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func folder(_ name: String) -> String? { value(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let home = folder("HOME") ?? systemHome() ?? "/nonexistent"
    if let all = folder("PLIMSOLL_HOME") {
      data = "\(all)/data"
      configuration = "\(all)/config"
      cache = "\(all)/cache"
    } else {
      let usual =
        OperatingSystem.current == .macOS ? "\(home)/Library/Application Support" : "\(home)/.local/share"
      data = (folder("XDG_DATA_HOME") ?? usual) + "/plimsoll"
      configuration = (folder("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/plimsoll"
      cache = (folder("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/plimsoll"
    }
    huggingFace = value("HF_HOME") ?? (folder("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/huggingface"
  }

  public var database: String { "\(data)/plimsoll.sqlite" }
  public var engines: String { "\(data)/engines" }
  public var deployments: String { "\(data)/deployments" }
  public var logs: String { "\(data)/logs" }
  public var models: String { "\(data)/models" }
  public var profiles: String { "\(configuration)/profiles" }

  /// Makes a folder and its parents, readable by this user alone.
  ///
  /// - Throws: `FileError.unwritable`.
  public static func make(_ path: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(path: path, cause: "the folder cannot be made")
    }
  }
}
