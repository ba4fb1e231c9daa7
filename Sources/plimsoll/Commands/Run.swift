import ArgumentParser
import Platform
import Records
import Reporting
import Units
import Workflows

/// All of it in order: from a model's name to a report.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Plan, deploy, measure, stop and report, in one go.",
    usage: "plimsoll run MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll run qwen3-8b
        plimsoll run SmolLM2-135M-Instruct.Q4_1.gguf --concurrency 1,8

      Ctrl-C stops the server and keeps what was measured. Exit code 6: the figures are invalid.
      """)
  @Argument(
    help: "A name such as qwen3-8b, a file or folder, or hf:org/name[@revision][:file|:QUANT].",
    completion: Completion.models)
  var model: String
  @OptionGroup(title: "Load") var load: RunLoadOptions
  @Option(help: "Tag to find the run by; repeatable.") var tag: [String] = []
  @Flag(help: "Fetch and install what is missing without asking.") var yes = false
  @Flag(help: "Leave the server running for plimsoll chat.") var keep = false
  @Option(help: ArgumentHelp("Folder for reports.", valueName: "dir")) var reports = "reports"
  @OptionGroup var names: CatalogueOption

  func run() async throws {
    let workspace = names.workspace()
    let job = MainJob(
      workspace, load: load.load, isAgreed: yes, isServerKept: keep,
      listener: RunDisplay.listener(on: workspace.terminal, stages: load.load.concurrency.count))
    let outcome = try await job.done(model, tags: tag)
    let report = RunReport([outcome.archive], createdAt: workspace.clock.wallSeconds())
    Terminal.result(ReportWriter.sentence(try ReportWriter.write(report, to: reports)))
    Terminal.result(Prose.wrapped(outcome.lesson, indent: 2) + "\n")
    let screen = outcome.deployment.map {
      DeployedScreen($0, hasChatTemplate: workspace.hasChatTemplate($0)).rendered()
    }
    Terminal.result(
      screen ?? Prose.wrapped("Next: plimsoll deploy \(shellQuoted(model)) (then plimsoll chat)", indent: 2))
    try BenchVerdict(outcome.archive.run, goals: []).check()
  }
}
