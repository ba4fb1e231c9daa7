import ArgumentParser
import Deployment
import Engines
import Platform
import Profiles
import Units
import Workflows

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
