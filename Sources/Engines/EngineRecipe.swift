/// How an engine is installed: its packages and the words that start it.
public struct EngineRecipe: Hashable, Sendable {
  /// The name that it is installed by, also its folder's.
  public var name: String
  public var version: String
  /// The program's name in the folder's `bin`.
  public var program: String
  /// Python's words that start it; `$home` is the installation's folder.
  public var entry: String
  /// Installed by hash, without dependencies.
  public var pinned: [PinnedPackage]
  /// Installed by version after them.
  public var dependencies: [String]
  /// Packages that come as dependencies and break the engine here.
  public var removed: [String]
  /// Further files by name.
  public var files: [String: String]

  public init(
    name: String, version: String, program: String, entry: String, pinned: [PinnedPackage],
    dependencies: [String] = [], removed: [String] = [], files: [String: String] = [:]
  ) {
    self.name = name
    self.version = version
    self.program = program
    self.entry = entry
    self.pinned = pinned
    self.dependencies = dependencies
    self.removed = removed
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
