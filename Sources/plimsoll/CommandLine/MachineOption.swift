import ArgumentParser
import Foundation
import Hardware
import Platform
import Profiles

extension CommandContext {
  /// The catalogue of a folder, else of the environment's, else the one that came with the program; with the user's own.
  func catalogue(_ folder: String? = nil) -> Profiles {
    Profiles(root: folder ?? environment["PLIMSOLL_PROFILES"], personal: folders.profiles)
  }
}

/// The catalogue that a command looks names up in.
struct CatalogueOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("A folder of profiles to use instead of those that came with the program.", valueName: "dir"))
  var profiles: String?

  /// The catalogue with the user's own profiles.
  func catalogue(_ context: CommandContext) -> Profiles {
    context.catalogue(profiles)
  }

  /// The machine that a name, a file or a line describes.
  func resolve(_ expression: String, _ context: CommandContext) throws -> Machine {
    let catalogue = catalogue(context)
    let isNamedAsProfile = [".yaml", ".yml", ".json"].contains { expression.hasSuffix($0) }
    if isNamedAsProfile || expression.contains("/") || FileManager.default.fileExists(atPath: expression) {
      do {
        return try catalogue.machine(file: expression)
      } catch ProfileError.invalid where !isNamedAsProfile {
        throw ProfileError.notProfile(path: expression)
      }
    }
    let line = try MachineExpression(expression)
    for part in line.parts {
      guard let hidden = catalogue.entry(hiddenBy: part.name) else { continue }
      Terminal.note("\(part.name) is your own profile, not the catalogue's entry of that name (\(hidden.path))")
    }
    return try catalogue.machine(composedOf: line)
  }
}

/// The machine that a command is about: this one, or another by `--on`.
struct MachineOption: ParsableArguments {
  @Option(
    name: .customLong("on"),
    help: ArgumentHelp(
      "Another machine: a name, a profile, or a line such as \"2x rtx-4090, 128 GiB\" or \"cpu 8 cores, 64 GiB, 80 GB/s\".",
      valueName: "machine"))
  var expression: String?
  @OptionGroup var names: CatalogueOption

  /// The catalogue with the user's own profiles.
  func catalogue(_ context: CommandContext) -> Profiles { names.catalogue(context) }

  /// The machine named by `--on`; nil where the command is about this machine.
  func named(_ context: CommandContext) throws -> Machine? {
    try expression.map { try names.resolve($0, context) }
  }

  /// The machine named by `--on`, else this one.
  func machine(_ context: CommandContext) async throws -> Machine {
    if let named = try named(context) { return named }
    return await context.thisMachine()
  }
}
