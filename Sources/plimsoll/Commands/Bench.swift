import ArgumentParser
import Benchmarking
import Hub
import Platform
import Records
import Units

/// Measures a server.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure a server that speaks OpenAI's protocol, or test the load generator itself.",
    subcommands: [BenchServer.self, BenchSelftest.self],
    defaultSubcommand: BenchServer.self, helpNames: [])
}

/// Measures a server: the form of `bench` that is meant where none is named.
struct BenchServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Measure a server by its address or a deployment by its name.",
    discussion: """
      Example: plimsoll bench http://127.0.0.1:8080 --concurrency 1,4 --requests 72 --input-tokens 256 --output-tokens 64

      plimsoll bench selftest tests the load generator itself.

      The key is read from PLIMSOLL_API_KEY, or from a file that only you can read (--api-key-file).
      Exit code 6: the figures are invalid or a goal was missed.
      """, helpNames: [.short, .long])

  @Argument(help: "A server's address, or a deployment's name.") var target: String
  @OptionGroup(title: "Server") var server: ServerOptions
  @OptionGroup(title: "Load") var load: LoadOptions
  @OptionGroup(title: "Prompts") var prompts: PromptOptions
  @OptionGroup(title: "Comparison") var comparison: ComparisonOptions
  @OptionGroup(title: "In process") var native: NativeOptions
  @Option(help: "A word to find the run by; can be given again.") var tag: [String] = []
  @Flag(help: "Print JSON (plimsoll.run/1).") var json = false

  func validate() throws {
    let served = [server.isGiven, load.isGiven, prompts.isGiven, comparison.compare != nil]
    if native.engineNative, served.contains(true) {
      throw ValidationError(
        "--engine-native measures without a server: say what with --pp, --tg, --depth and --repetitions")
    }
  }

  func run() async throws {
    let context = CommandContext()
    if native.engineNative { return try await runNative(context) }
    let settings = try load.settings(dataset: prompts.datasetSettings(), prompts: prompts)
    try DataFolders.make(context.folders.data)
    let store = try RunStore(path: context.folders.database)
    if let other = comparison.compare { return try await runInTurns(with: other, settings, store, context) }
    let target = try await server.target(target, context)
    let display = BenchDisplay(terminal: context.terminal, stages: settings.stages.count)
    let run = await newRun(of: target, context, under: settings)
    let measured = try await RecordedBenchmark(
      settings: settings, target: target, run: run, store: store, onProgress: display.show
    ).measured()
    display.clear()
    if json { try JSONOutput.print(measured) } else { Terminal.result(BenchSummary(measured).rendered()) }
    if let lesson = context.lesson(of: measured) { Terminal.note(lesson) }
    if measured.status == .incomplete { throw CancellationError() }
    try BenchVerdict(measured, goals: settings.goals).check()
  }
}

/// Tests the load generator against a server of known timing.
struct BenchSelftest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Test the load generator: a built-in server of known timing, over the ways in which servers stream.",
    discussion: """
      Example: plimsoll bench selftest
      prints the client's error for each metric in each case, and at 64 streams. Exit code 6 where one is wrong.
      """, helpNames: [.short, .long])

  @Option(help: "Streams at once in the timing part.") var streams = 64
  @Flag(help: "Also measure the client's speed against a server that answers at once.") var speed = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let report = try await SelftestReport.made(streams: streams, speed: speed)
    if json { try JSONOutput.print(report) } else { Terminal.result(report.rendered()) }
    if !report.isPassed {
      throw Failure(.invalidResult, .selftestFailed, "the load generator read something otherwise than it was sent")
    }
  }
}
