import ArgumentParser
import Workflows

/// What `run` sends to the server.
struct RunLoadOptions: ParsableArguments {
  @Option(help: "Tokens of context for each request in flight; the default holds the benchmark's requests.")
  var context: TokenCount?
  @Option(help: "Requests in flight, one stage for each number.") var concurrency = "1,2,4"
  @Option(help: "Tokens of each prompt.") var inputTokens = 128
  @Option(help: "Tokens of each answer.") var outputTokens = 48
  @Option(help: "Requests of each stage; the default grows with the concurrency.") var requests: Int?
  @Option(help: "Threads for computing; the default leaves room for the client.") var threads: Int?

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
