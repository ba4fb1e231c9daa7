import ArgumentParser
import Reporting

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

  var question: PlanAnswer.Question? {
    if largestContext { return .largestContext }
    if best { return .bestQuantization }
    return requestsOf == nil ? nil : .concurrentRequests
  }

  func validate() throws {
    if [largestContext, requestsOf != nil, best].filter({ $0 }).count > 1 {
      throw ValidationError("--largest-context, --requests-of and --best are one question each")
    }
    if askEngine, question != nil, !json {
      throw ValidationError(
        "--ask-engine shows its answer in the whole plan: leave the single question out, or add --json")
    }
    if let requestsOf, requestsOf.tokens < 1 { throw ValidationError("--requests-of takes 1 or more") }
  }
}
