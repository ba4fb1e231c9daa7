import ArgumentParser
import Engines
import Hardware
import Units
import Workflows

/// The catalogue that a command looks names up in.
struct CatalogueOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Profiles to use instead of the built-in ones.", valueName: "dir",
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
      "Another machine: a name, a file, \"2x rtx-4090, 128 GiB\" or \"cpu 8 cores, 64 GiB, 80 GB/s\".",
      valueName: "machine"), completion: Completion.machines)
  var expression: String?
  @Option(help: ArgumentHelp("Leave a GPU out, such as gpu1; repeatable.", valueName: "gpu"))
  var exclude: [String] = []
  @Option(help: ArgumentHelp("Memory to leave free on each GPU, such as 1GiB.", valueName: "size"))
  var headroom: ByteAmount?
  @OptionGroup var names: CatalogueOption

  /// The workspace that looks names up in the catalogue of `--profiles`.
  func workspace() -> Workspace { names.workspace() }

  /// The machine named by `--on`, else this one.
  ///
  /// - Throws: `Failure` for an accelerator that it does not have.
  func machine(_ workspace: Workspace) async throws -> Machine {
    var machine: Machine
    if let expression { machine = try workspace.machine(expression) } else { machine = await workspace.machineToPlan() }
    machine = machine.without(accelerators: try Set(exclude.map { try index(of: $0, on: machine) }))
    return headroom.map { machine.leaving($0.count) } ?? machine
  }

  private func index(of name: String, on machine: Machine) throws -> Int {
    let names = machine.accelerators.indices.map { "gpu\($0)" }
    if let index = names.firstIndex(of: name.lowercased()) { return index }
    throw Failure(
      .usage, .noAccelerator, "\(machine.name) has no \(printable(name)) to leave out",
      remedy: names.isEmpty ? "leave --exclude out" : "--exclude takes one of \(names.joined(separator: ", "))")
  }
}
