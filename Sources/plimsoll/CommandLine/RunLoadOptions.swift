import ArgumentParser
import Engines
import Workflows

/// What `run` sends to the server.
struct RunLoadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Context of one request (default: what the load needs).", valueName: "tokens"))
  var context: TokenCount?
  @Option(help: ArgumentHelp("Requests in flight, by stage.", valueName: "list")) var concurrency = "1,2,4"
  @Option(help: ArgumentHelp("Tokens of each prompt.", valueName: "n")) var inputTokens = 128
  @Option(help: ArgumentHelp("Tokens of each answer.", valueName: "n")) var outputTokens = 48
  @Option(help: ArgumentHelp("Requests in each stage (default: more for more load).", valueName: "n")) var requests:
    Int?
  @Option(help: ArgumentHelp("CPU threads (default: the fastest number).", valueName: "n")) var threads: Int?

  func validate() throws {
    guard !loads.isEmpty, loads.allSatisfy({ (1...1024).contains($0) }) else {
      throw ValidationError("--concurrency takes numbers from 1 to 1024 with commas between them, as in 1,2,4")
    }
    guard (1...1_000_000).contains(inputTokens), (2...1_000_000).contains(outputTokens) else {
      throw ValidationError("--input-tokens and --output-tokens take numbers from 2 to 1000000")
    }
    if let context, !(1...(1 << 30)).contains(context.tokens) {
      throw ValidationError("--context takes a positive number")
    }
    var wishes = PlanWishes()
    (wishes.contextLength, wishes.inputTokens, wishes.outputTokens) = (context?.tokens, inputTokens, outputTokens)
    try UsageFault.asParserError { try wishes.checkRoom(usual: Workload()) }
    if let threads, threads < 1 { throw ValidationError("--threads is 1 or more") }
    if let requests, !(1...1_000_000).contains(requests) { throw ValidationError("--requests takes a positive number") }
  }

  private var loads: [Int] { concurrency.split(separator: ",").map { Int($0) ?? 0 } }

  /// The load of the main job.
  var load: MainJobLoad {
    var load = MainJobLoad()
    load.concurrency = loads
    load.inputTokens = inputTokens
    load.outputTokens = outputTokens
    load.requests = requests
    load.context = context?.tokens
    load.threads = threads
    return load
  }
}
