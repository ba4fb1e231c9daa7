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

/// All of it in order: from a model's name to a report.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Probe, plan, deploy, benchmark, store, stop, and write the report.",
    discussion: """
      Example: plimsoll run SmolLM2-135M-Instruct.Q4_1.gguf
      plimsoll run hf:org/name picks the quantization, asks before it fetches more than 4 GB, and goes on.
      Ctrl-C keeps what was measured, marks it incomplete, and stops the server.
      """)
  @Argument(help: "A model: a file, a folder, hf:org/name[@revision][:file|:QUANT].") var model: String
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
    let seams = CommandContext()
    let step = Steps()
    step.say("probe: this machine")
    var machine = await seams.thisMachine()
    if machine.memory.bandwidth == nil { try seams.measure(&machine) }
    step.say("inspect: \(printable(model))")
    let source = try await ModelSource(model, context: seams).found()
    let found = source.model
    let store = try RunStore(path: seams.folders.database)
    step.say("plan: every file of \(printable(found.name)) on this machine")
    let catalogue = seams.catalogue(profiles)
    let plan = seams.planner(catalogue, for: machine).plan(request(source, machine))
    Terminal.result(PlanSummary(plan).rendered() + "\n")
    let option = try plan.deployable()
    let path = option.launch?.modelPath ?? model
    if let task = option.launch?.task, task != .generation {
      throw Failure(
        .refusedInput, .noTokens, "\(printable(found.name)) is for \(task.rawValue): there are no tokens to measure",
        remedy: "plimsoll deploy starts it as a server")
    }
    try await seams.deployer.requireEngine(of: option)
    try await source.fetch(path, isAgreed: yes)
    if let refusal = ModelRisks(of: path).refusal(unless: ModelTrust()) { throw DeploymentError.untrusted(refusal) }
    try ModelDamage.refuse(path)
    let job = MainJob(context: seams, store: store, deployer: seams.deployer) { step.say($0) }
    step.say("deploy and benchmark: concurrency \(concurrency)")
    let run = try await job.measured(plan, option, modelPath: path, settings: settings, tags: tag)
    step.say("report")
    let report = RunReport([try store.archive(run.id)], createdAt: seams.clock.wallSeconds())
    let paths = try ReportWriter.write(report, to: reports)
    Terminal.result("run \(run.id): \(run.summary.sentence)")
    for reason in run.validity.reasons { Terminal.result("doubtful: \(reason.message) [\(reason.code)]") }
    for path in paths { Terminal.result("report: \(path)") }
    Terminal.result(seams.learn(from: run, option: option, model: found, on: machine))
  }

  private func request(_ source: FoundModel, _ machine: Machine) -> PlanRequest {
    let most = loads.max() ?? 1
    let workload = Workload(
      name: "run", inputTokens: inputTokens, outputTokens: outputTokens, concurrency: most)
    var request = PlanRequest(model: source.model, machine: machine, workload: workload)
    request.siblings = source.siblings
    // What is started is what there is.
    request.quantizations = .files
    // Chat templates and the tokenizer's rounding add to each prompt: room for them.
    request.contextLength = context ?? max(512, (inputTokens + outputTokens) * 5 / 4 + 128)
    request.threads = threads
    // What is measured is one server.
    request.replicas = 1
    return request
  }

  private var settings: BenchmarkSettings {
    let dataset = DatasetSettings(input: .constant(inputTokens), output: .constant(outputTokens))
    let stages = loads.map { load in
      Stage(load: .concurrency(load), stop: StopRule(requests: requests ?? max(6, 2 * load)))
    }
    return BenchmarkSettings(stages: stages, dataset: dataset)
  }
}

/// The steps of the main job, told on standard error with the time since its start.
private struct Steps: Sendable {
  private let clock = MonotonicClock()
  private let start = MonotonicClock().now()

  func say(_ text: String) {
    let seconds = Double(clock.now() - start) / 1e9
    Terminal.note("[\(seconds.formatted(decimals: 1)) s] \(text)")
  }
}

extension RunSummary {
  /// The run in one line.
  var sentence: String {
    let rate =
      outputTokensPerSecond.map { "\($0.formatted(significant: 3)) output tokens/s over all stages" } ?? "no output"
    return "\(completed) requests completed, \(errors) failed, \(rate)"
  }
}
