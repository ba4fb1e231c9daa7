import ArgumentParser
import Hub
import Planning
import Platform
import Reporting
import Units
import Workflows

/// What a machine can carry of a model: every quantization side by side.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show each quantization on a machine: memory, speed, verdict.",
    usage: "plimsoll plan MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll plan qwen3-8b --on "rtx-4090, 64 GiB" --context 8192 --concurrency 4
        plimsoll plan hf:org/name-GGUF
      """)
  @OptionGroup var model: ModelArgument
  @OptionGroup var options: PlanOptions
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup(title: "Output") var output: PlanOutput

  func run() async throws {
    let context = machine.workspace()
    let found = try await model.found(context)
    var options = options
    if let requestsOf = output.requestsOf { (options.requests.context, options.requests.parallel) = (requestsOf, 1) }
    var plan = try await context.plan(found, options, machine, findsLimits: true)
    if output.askEngine { try await EngineQuestion(in: context).ask(&plan, modelPath: model.model) }
    if output.json { return try JSONOutput.print(plan) }
    if let fetched = found.fetched {
      Terminal.note("read by \(counted(fetched.requests, "request")), \(fetched.bytes)")
    }
    guard let question else {
      let isFull = output.verbose || output.explain || output.askEngine
      let screen = PlanScreen(plan, deployWords: deployWords)
      return Terminal.result(
        isFull ? PlanSummary(plan, showsSources: output.explain).rendered() : screen.rendered())
    }
    Terminal.result(PlanAnswer(plan, question).rendered())
    try plan.requireAnswer()
  }

  func validate() throws {
    if [output.largestContext, output.requestsOf != nil, output.best].filter({ $0 }).count > 1 {
      throw ValidationError("--largest-context, --requests-of and --best are one question each")
    }
    if output.askEngine, question != nil, !output.json {
      throw ValidationError(
        "--ask-engine shows its answer in the whole plan: leave the single question out, or add --json")
    }
    if output.askEngine, let machine = machine.expression {
      throw ValidationError("--ask-engine starts the engine on this machine, not on \(machine)")
    }
    if let requestsOf = output.requestsOf, requestsOf.tokens < 1 {
      throw ValidationError("--requests-of takes 1 or more")
    }
  }

  /// The words that deploy what these planned; nil for a machine that is not this one.
  private var deployWords: [String]? {
    machine.expression == nil ? Array(CommandLine.arguments.dropFirst(2)) : nil
  }

  private var question: PlanAnswer.Question? {
    if output.largestContext { return .largestContext }
    if output.best { return .bestQuantization }
    return output.requestsOf == nil ? nil : .concurrentRequests
  }
}

/// Which answer of a plan is printed, and how.
struct PlanOutput: ParsableArguments {
  @Flag(help: "Answer only: what is the largest context?") var largestContext = false
  @Option(help: ArgumentHelp("Answer only: how many requests of so many tokens at once?", valueName: "tokens"))
  var requestsOf: TokenCount?
  @Flag(help: "Answer only: which is the best quantization that fits?") var best = false
  @Flag(help: "Start the engine here, show what it allocates beside the plan, and stop it.") var askEngine = false
  @Flag(help: "Show every option, and the memory of the chosen one by part.") var verbose = false
  @Flag(help: "Show where each figure of the chosen option comes from.") var explain = false
  @Flag(help: "Print JSON (plimsoll.plan/1).") var json = false
}
