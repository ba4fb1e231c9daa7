import ArgumentParser
import Hardware
import Workflows

/// The catalogue that a command looks names up in.
struct CatalogueOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder of profiles to use instead of those that came with the program.", valueName: "dir",
      visibility: .hidden), completion: .directory)
  var profiles: String?

  /// The workspace that looks names up there.
  func workspace() -> Workspace { Workspace.ofCommand(profiles: profiles) }
}

/// The machine that a command is about: this one, or another by `--on`.
struct MachineOption: ParsableArguments {
  @Option(
    name: .customLong("on"),
    help: ArgumentHelp(
      "Another machine: a name, a profile, or a line such as \"2x rtx-4090, 128 GiB\" or \"cpu 8 cores, 64 GiB, 80 GB/s\".",
      valueName: "machine"), completion: Completion.machines)
  var expression: String?
  @OptionGroup var names: CatalogueOption

  /// The workspace that looks names up in the catalogue of `--profiles`.
  func workspace() -> Workspace { names.workspace() }

  /// The machine named by `--on`, else this one.
  func machine(_ workspace: Workspace) async throws -> Machine {
    if let expression { return try workspace.machine(expression) }
    return await workspace.thisMachine()
  }
}
