import ArgumentParser
import Deployment
import Engines
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// The engines of this machine.
struct EnginesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "List or install inference engines.",
    discussion: """
      Examples:
        plimsoll engines
        plimsoll engines install llama.cpp

      Engines are looked for in config.yaml (engines: {llama.cpp: {path: /opt/llama-server}}), in Plimsoll's data \
      folder, and on PATH.
      """,
    subcommands: [EnginesList.self, EnginesInstall.self, EnginesPath.self], defaultSubcommand: EnginesList.self)
}

struct EnginesList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List engines with their builds, and why one can't be used.",
    usage: "plimsoll engines list [--json]",
    discussion: """
      Examples:
        plimsoll engines list
        plimsoll engines list --json
      """)
  @Flag(help: "Show what each engine cannot do.") var verbose = false
  @Flag(help: "Print JSON (plimsoll.engines/1).") var json = false

  func run() async throws {
    let table = EngineTable(found: await Workspace.ofCommand().engineFinder.all())
    if json { return try JSONOutput.print(table) }
    Terminal.result(table.rendered(showsLimits: verbose))
    for remedy in table.remedies { Terminal.note("  \(remedy)") }
  }
}

struct EnginesInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Install an engine, or the demo's models, pinned by version and hash.",
    usage: "plimsoll engines install NAME",
    discussion: """
      Examples:
        plimsoll engines install llama.cpp
        plimsoll engines install demo-models

      Names: \(EngineInstaller.names.joined(separator: ", ")).
      """)
  @Argument(help: "What to install.", completion: .list(EngineInstaller.names)) var name: String

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let installer = EngineInstaller(folders: workspace.folders, locks: workspace.catalogue().locks) {
      Terminal.note($0)
    }
    for path in try await installer.install(name) { Terminal.result(path) }
  }
}

struct EnginesPath: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print an engine's program, or the folder of the demo's models.",
    usage: "plimsoll engines path NAME",
    discussion: """
      Examples:
        plimsoll engines path llama.cpp
        plimsoll engines path demo-models
      """)
  @Argument(help: "An engine, or demo-models.") var name: String

  func run() async throws {
    let context = Workspace.ofCommand()
    if name == "demo-models" { return Terminal.result(context.folders.models) }
    guard let kind = EngineKind(rawValue: name) else { throw InstallationError.unknown(name: name) }
    guard let usable = await context.engineFinder.find(EngineCatalogue.engine(kind)).first(where: { $0.problem == nil })
    else {
      throw Failure(.doesNotFit, .engineNotFound, "no usable \(name)", remedy: "plimsoll engines install \(name)")
    }
    Terminal.result(usable.program)
  }
}
