import Hub
import ArgumentParser
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
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup var options: PlanOptions
  @OptionGroup(title: "Output") var output: PlanOutput

  func run() async throws {
    let context = machine.workspace()
    let found = try await model.found(context)
    var options = options
    if let requestsOf = output.requestsOf { (options.requests.context, options.requests.parallel) = (requestsOf, 1) }
    var plan = try await context.plan(found, options, machine, findsLimits: true)
    if output.askEngine { try await EngineQuestion(in: context).ask(&plan, modelPath: model.model) }
    if let report = output.report {
      try RunReport(plan, createdAt: context.clock.wallSeconds()).write(to: report)
    }
    // The answer comes first.
    defer { output.report.map { Terminal.note("Report: \($0)") } }
    if output.json { return try JSONOutput.print(plan) }
    if let fetched = found.fetched {
      Terminal.note("read by \(counted(fetched.requests, "request")), \(fetched.bytes)")
    }
    guard let question = output.question else {
      let isFull = output.verbose || output.explain || output.askEngine
      let screen = PlanScreen(plan, deployWords: deployWords)
      return Terminal.result(
        isFull ? PlanSummary(plan, showsSources: output.explain).rendered() : screen.rendered())
    }
    Terminal.result(PlanAnswer(plan, question).rendered())
    try plan.requireAnswer()
  }

  func validate() throws {
    if output.askEngine, let machine = machine.expression {
      throw ValidationError("--ask-engine starts the engine on this machine, not on \(machine)")
    }
  }

  /// The words that deploy what these planned; nil for a machine that is not this one.
  private var deployWords: [String]? {
    machine.expression == nil ? Array(CommandLine.arguments.dropFirst(2)) : nil
  }
}
