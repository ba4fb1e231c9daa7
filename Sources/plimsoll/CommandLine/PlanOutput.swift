import ArgumentParser
import Reporting

/// Which answer of a plan is printed, and how.
struct PlanOutput: ParsableArguments {
  @Flag(help: "Print only the largest context.") var largestContext = false
  @Option(help: ArgumentHelp("Print only how many requests of this length fit.", valueName: "tokens"))
  var requestsOf: TokenCount?
  @Flag(help: "Print only the best quantization that fits.") var best = false
  @Flag(help: "Start the engine and compare its memory with the plan.") var askEngine = false
  @Flag(help: "Show every option, and memory by part.") var verbose = false
  @Flag(help: "Show the source of each figure.") var explain = false
  @Option(help: ArgumentHelp("Write a report with charts (.html or .md).", valueName: "file"), completion: .file())
  var report: String?
  @Flag(help: "Print JSON (plimsoll.plan/1).") var json = false

  var question: PlanAnswer.Question? {
    if largestContext { return .largestContext }
    if best { return .bestQuantization }
    return requestsOf == nil ? nil : .concurrentRequests
  }

  func validate() throws {
    try ReportFile.check(report)
    if [largestContext, requestsOf != nil, best].filter({ $0 }).count > 1 {
      throw ValidationError("use one of --largest-context, --requests-of and --best")
    }
    if askEngine, question != nil, !json {
      throw ValidationError(
        "--ask-engine shows its answer in the whole plan: leave the single question out, or add --json")
    }
    if let requestsOf, requestsOf.tokens < 1 { throw ValidationError("--requests-of takes 1 or more") }
  }
}
