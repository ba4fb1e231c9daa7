import ArgumentParser
import Engines
import Planning
import Units

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
    if workload == nil, let request = statedRequest(usual: Workload()) { try checkRoom(for: request) }
  }

  /// The workload with the parts that were given.
  ///
  /// - Throws: `ValidationError` for a request that the model was not trained for, or that has no room in the context.
  func changed(_ workload: Workload, trained: Int) throws -> Workload {
    if let stated = statedRequest(usual: workload) {
      try checkRoom(for: stated)
      guard stated <= trained || trained <= 0 || (context?.tokens ?? 0) >= stated else {
        throw ValidationError(
          "a request of \(stated.grouped) tokens is longer than the \(trained.grouped) that the model was trained for")
      }
    }
    var workload = workload
    if let input = inputTokens ?? input { workload.inputTokens = input }
    if let output = outputTokens ?? output { workload.outputTokens = output }
    if let parallel { workload.concurrency = parallel }
    workload.timeToFirstTokenTarget = ttft?.seconds ?? workload.timeToFirstTokenTarget
    workload.timePerOutputTokenTarget = tpot?.seconds ?? workload.timePerOutputTokenTarget
    workload.prefixHit = prefixHit.flatMap { $0.value > 0 ? $0.value : nil }
    return workload
  }

  /// Tokens of one request where its lengths were stated, in part or whole.
  private func statedRequest(usual: Workload) -> Int? {
    let (input, output) = (inputTokens ?? input, outputTokens ?? output)
    guard input != nil || output != nil else { return nil }
    return (input ?? usual.inputTokens) + (output ?? usual.outputTokens)
  }

  private func checkRoom(for request: Int) throws {
    guard let context, context.tokens > 0, request > context.tokens else { return }
    throw ValidationError("a request of \(request.grouped) tokens has no room in --context \(context.tokens.grouped)")
  }
}
