/// How an engine is installed: the words that start it, and what stands beside its packages, which are those of the lock file of
/// its name (`profiles/engines/NAME.txt`).
public struct EngineRecipe: Hashable, Sendable {
  /// The name that it is installed by, also its folder's.
  public var name: String
  public var version: String
  /// The program's name in the folder's `bin`.
  public var program: String
  /// Python's words that start it; `$home` is the installation's folder.
  public var entry: String
  /// Further files by name.
  public var files: [String: String]

  public init(name: String, version: String, program: String, entry: String, files: [String: String] = [:]) {
    self.name = name
    self.version = version
    self.program = program
    self.entry = entry
    self.files = files
  }
}

/// A package by its exact version, with the SHA-256 of each file that may be installed.
public struct PinnedPackage: Hashable, Sendable {
  public var name: String
  public var version: String
  public var hashes: [String]

  public init(_ name: String, _ version: String, _ hashes: String...) {
    self.name = name
    self.version = version
    self.hashes = hashes
  }

  /// The line of a requirements file that makes pip refuse any other file.
  public var requirement: String {
    (["\(name)==\(version)"] + hashes.map { "--hash=sha256:\($0)" }).joined(separator: " ")
  }
}
