/// What a user accepts of a model that could run code of its author's.
public struct ModelTrust: Hashable, Sendable, Codable {
  /// Python files of the repository may be run (`--trust-remote-code`).
  public var runsRepositoryCode: Bool
  /// Weights may be pickles, which run code when they are loaded (`--allow-pickle`).
  public var loadsPickles: Bool

  /// Trusts nothing unless told.
  public init(runsRepositoryCode: Bool = false, loadsPickles: Bool = false) {
    self.runsRepositoryCode = runsRepositoryCode
    self.loadsPickles = loadsPickles
  }
}
