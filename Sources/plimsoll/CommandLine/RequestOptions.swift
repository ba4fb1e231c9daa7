import ArgumentParser
import Engines
import Planning
import Units
import Workflows

/// The requests that a plan is made for: how long, how many at once, how soon they are to be answered.
struct RequestOptions: ParsableArguments {
  @Option(
    name: [.long, .customLong("max-context")], parsing: .unconditional,
    help: ArgumentHelp("Context of one request; 0 for the trained length.", valueName: "tokens"))
  var context: TokenCount?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Context of all slots together, as llama.cpp's own -c counts it; other engines divide it by the slots.",
      valueName: "tokens", visibility: .hidden))
  var totalContext: TokenCount?
  @Option(
    name: [.customLong("concurrency"), .customLong("parallel")], parsing: .unconditional,
    help: ArgumentHelp("Requests in flight.", valueName: "n"))
  var parallel: Int?
  @Option(help: ArgumentHelp(WorkloadOption.kinds, valueName: "name"), completion: .list(WorkloadOption.names))
  var workload: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of a prompt.", valueName: "n")) var inputTokens: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of an answer.", valueName: "n")) var outputTokens: Int?
  @Option(parsing: .unconditional, help: .private) var input: Int?
  @Option(parsing: .unconditional, help: .private) var output: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Target for the first token, such as 2s.", valueName: "time"))
  var ttft: LatencyTarget?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Target for each further token, such as 50ms.", valueName: "time"))
  var tpot: LatencyTarget?
  @Option(
    help: ArgumentHelp(
      "Share of prompt tokens already cached, such as 0.6.", valueName: "share", visibility: .hidden))
  var prefixHit: Share?

  func validate() throws {
    try prefixHit?.checkPrefixHit()
    if context != nil, totalContext != nil {
      throw ValidationError("--context is of one request and --total-context of all slots: give one")
    }
    try ttft?.check("--ttft")
    try tpot?.check("--tpot", most: 10)
    let counts: [(String, Int?)] = [
      ("--concurrency", parallel), ("--input-tokens", inputTokens ?? input),
      ("--output-tokens", outputTokens ?? output),
    ]
    for (name, value) in counts {
      if let value, !(1...10_000_000).contains(value) { throw ValidationError("\(name) is from 1 to 10,000,000") }
    }
    // The lengths that a named workload adds are read with the profiles.
    if workload == nil {
      var wishes = PlanWishes()
      apply(to: &wishes)
      try UsageFault.asParserError { try wishes.checkRoom(usual: Workload()) }
    }
  }

  func apply(to wishes: inout PlanWishes) {
    (wishes.contextLength, wishes.totalContext) = (context?.tokens, totalContext?.tokens)
    wishes.concurrency = parallel
    (wishes.inputTokens, wishes.outputTokens) = (inputTokens ?? input, outputTokens ?? output)
    (wishes.timeToFirstToken, wishes.timePerOutputToken) = (ttft?.seconds, tpot?.seconds)
    wishes.prefixHit = prefixHit.flatMap { $0.value > 0 ? $0.value : nil }
  }
}
