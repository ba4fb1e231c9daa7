import ArgumentParser
import Benchmarking
import Deployment
import Engines
import Hardware
import Models
import Planning
import Platform
import Profiles
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

      Ctrl-C keeps what was measured, marks it incomplete, and stops the server.
      """)
  @Argument(
    help: "A model: a catalogue name, a file, a folder, hf:org/name[@revision][:file|:QUANT].",
    completion: Completion.models)
  var model: String
  @Option(help: "Tokens of context for each request in flight; the default holds the benchmark's requests.")
  var context: Int?
  @Option(help: "Requests in flight, one stage for each number.") var concurrency = "1,2,4"
  @Option(help: "Tokens of each prompt.") var inputTokens = 128
  @Option(help: "Tokens of each answer.") var outputTokens = 48
  @Option(help: "Requests of each stage; the default grows with the concurrency.") var requests: Int?
  @Option(help: "Threads for computing; the default leaves room for the client.") var threads: Int?
  @Option(help: "A word to find the run by; may be repeated.") var tag: [String] = []
  @Flag(help: "Fetch a model from the Hub without asking, however large.") var yes = false
  @Option(help: ArgumentHelp("The folder that reports go to.", valueName: "dir")) var reports = "reports"
  @Option(help: ArgumentHelp("A folder of profiles to use instead of the shipped ones.", valueName: "dir"))
  var profiles: String?

  func validate() throws {
    guard !loads.isEmpty, loads.allSatisfy({ (1...1024).contains($0) }) else {
      throw ValidationError("--concurrency takes numbers from 1 to 1024 with commas between them, as in 1,2,4")
    }
    guard (1...1_000_000).contains(inputTokens), (2...1_000_000).contains(outputTokens) else {
      throw ValidationError("--input-tokens and --output-tokens take numbers from 2 to 1000000")
    }
    if let context, !(1...(1 << 30)).contains(context) { throw ValidationError("--context takes a positive number") }
    if let threads, threads < 1 { throw ValidationError("--threads is 1 or more") }
    if let requests, !(1...1_000_000).contains(requests) { throw ValidationError("--requests takes a positive number") }
  }

  private var loads: [Int] { concurrency.split(separator: ",").map { Int($0) ?? 0 } }

  func run() async throws {
    let workspace = Workspace.ofCommand(profiles: profiles)
    let step = Steps(workspace.terminal)
    let display = BenchDisplay(terminal: workspace.terminal, stages: loads.count)
    let job = MainJob(
      workspace, load: load, say: { step.say($0) },
      onPlan: { Terminal.result(PlanScreen($0).rendered() + "\n") }, onProgress: display.show)
    let outcome = try await job.done(model, tags: tag, isFetchAgreed: yes)
    step.say("report")
    let report = RunReport([outcome.archive], createdAt: workspace.clock.wallSeconds())
    let paths = try ReportWriter.write(report, to: reports)
    Terminal.result(BenchScreen(outcome.archive.run).rendered() + "\n")
    for path in paths { Terminal.result("report: \(path)") }
    Terminal.result(Prose.wrapped(outcome.lesson))
  }

  private var load: MainJobLoad {
    var load = MainJobLoad()
    load.concurrency = loads
    load.inputTokens = inputTokens
    load.outputTokens = outputTokens
    load.requests = requests
    load.context = context
    load.threads = threads
    return load
  }
}

/// The steps of the main job, told on standard error with the time since its start.
private struct Steps: Sendable {
  private let terminal: Terminal
  private let clock = MonotonicClock()
  private let start = MonotonicClock().now()

  init(_ terminal: Terminal) { self.terminal = terminal }

  func say(_ text: String) {
    terminal.draw("")
    let seconds = Double(clock.now() - start) / 1e9
    Terminal.note("[\(seconds.formatted(decimals: 1)) s] \(text)")
  }
}
