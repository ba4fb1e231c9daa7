import ArgumentParser
import Platform
import Profiles

/// The engines of this machine.
struct EnginesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "List or install inference engines.",
    discussion: """
      Examples:
        plimsoll engines
        plimsoll engines install llama.cpp

      Looks in config.yaml (engines: {llama.cpp: {path: /opt/llama-server}}), in Plimsoll's data folder, and on PATH.
      """,
    subcommands: [EnginesList.self, EnginesInstall.self, EnginesPath.self], defaultSubcommand: EnginesList.self)
}
