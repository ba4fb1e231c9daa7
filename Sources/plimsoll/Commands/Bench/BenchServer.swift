import Benchmarking
import ArgumentParser
import Platform
import Records
import Reporting
import Units
import Workflows

/// Measures a server: the form of `bench` that is meant where none is named.
struct BenchServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Measure a server by its address, or a deployment by its name.",
    usage: "plimsoll bench TARGET [OPTIONS]",
    discussion: """
      Examples:
        plimsoll bench http://127.0.0.1:8080 --concurrency 1,4 --requests 72
        plimsoll bench my-model --rate 2 --duration 120 --goal "ttft p95 < 2 s"

      The API key comes from PLIMSOLL_API_KEY or --api-key-file. Exit code 6: the figures are invalid, or a goal was \
      missed. plimsoll bench selftest tests the load generator.
      """, helpNames: [.short, .long])

  @Argument(help: "A server's address, or a deployment's name.", completion: Completion.deployments) var target: String
  @OptionGroup(title: "Server") var server: ServerOptions
  @OptionGroup(title: "Load") var load: LoadOptions
  @OptionGroup(title: "Prompts") var prompts: PromptOptions
  @OptionGroup(title: "Comparison") var comparison: ComparisonOptions
  @OptionGroup(title: "In process") var native: NativeOptions
  @OptionGroup var catalogue: CatalogueOption
  @Option(help: "Tag to find the run by; repeatable.") var tag: [String] = []
  @Flag(help: "Show every metric, and the client's health.") var verbose = false
  @Flag(help: "Print JSON (plimsoll.run/1).") var json = false

  func validate() throws {
    let served = [server.isGiven, load.isGiven, prompts.isGiven, comparison.compare != nil]
    if native.engineNative, served.contains(true) {
      throw ValidationError(
        "--engine-native takes --pp, --tg, --depth and --repetitions, not the options of a server")
    }
  }

  func run() async throws {
    let workspace = catalogue.workspace()
    if native.engineNative { return try await runNative(workspace) }
    var settings = try load.settings(dataset: prompts.datasetSettings(), prompts: prompts)
    settings.waitSeconds = server.wait
    try DataFolders.make(workspace.folders.data)
    let store = try RunStore(path: workspace.folders.database)
    if let other = comparison.compare { return try await runInTurns(with: other, settings, store, workspace) }
    let target = try await workspace.target(target, try server.words())
    try workspace.requireRoom(on: target, for: settings)
    let display = BenchDisplay(
      terminal: workspace.terminal, stages: settings.search == nil ? settings.stages.count : nil)
    let run = await workspace.newRun(of: target, engine: server.engine, tags: tag, under: settings)
    let recorded = RecordedBenchmark(
      settings: settings, target: target, run: run, store: store, onProgress: display.show)
    let measured = try await recorded.measured()
    display.clear()
    if json {
      try JSONOutput.print(measured)
    } else {
      Terminal.result(verbose ? BenchSummary(measured).rendered() : BenchScreen(measured).rendered())
    }
    if let failure = recorded.storingFailure { throw failure }
    if let lesson = workspace.lesson(of: measured) { Terminal.note(Prose.wrapped(lesson, indent: 2)) }
    if measured.status == .incomplete { throw Failure.interrupted(keeping: [measured]) }
    try BenchVerdict(measured, goals: settings.goals).check()
  }
}
