/// How one engine is installed: its packages and the words that start it.
struct EngineRecipe: Hashable, Sendable {
  /// The engine's name, also its folder's.
  var name: String
  var version: String
  /// The program's name in the folder's `bin`.
  var program: String
  /// Python's words that start it; `$home` is the installation's folder.
  var entry: String
  /// Installed by hash, without dependencies.
  var pinned: [PinnedPackage]
  /// Installed by version after them.
  var dependencies: [String] = []
  /// Packages that come as dependencies and break the engine here.
  var removed: [String] = []
  /// Further files by name.
  var files: [String: String] = [:]

  static let llamaCpp = EngineRecipe(
    name: "llama.cpp", version: "b11549 (xllamacpp 2026.10.11549)", program: "llama-server",
    entry: #""$home/llama-server.py""#, pinned: [PinnedPackages.llamaCpp],
    files: ["llama-server.py": LlamaServerProgram.source])
}
