import ArgumentParser
import Planning
import Profiles
import Units

/// The load that a command is about: a workload by name, with any part of it changed.
struct WorkloadOption: ParsableArguments {
  @Option(help: "A kind of use: chat, retrieval, code-completion, summarization, batch.") var workload: String?
  @Option(parsing: .unconditional, help: "Input tokens of a request.") var input: Int?
  @Option(parsing: .unconditional, help: "Output tokens of a request.") var output: Int?
  @Option(parsing: .unconditional, help: "Requests in flight at the busiest time.") var concurrency: Int?
  @Option(parsing: .unconditional, help: "Target for the time to the first token, in seconds.") var ttft: Double?
  @Option(parsing: .unconditional, help: "Target for the time of each further token, in seconds.") var tpot: Double?

  func validate() throws {
    for (name, value) in [("--input", input), ("--output", output), ("--concurrency", concurrency)] {
      if let value, value < 1 || value > 10_000_000 { throw ValidationError("\(name) is from 1 to 10,000,000") }
    }
    for (name, value) in [("--ttft", ttft), ("--tpot", tpot)] {
      if let value, !value.isFinite || value <= 0 { throw ValidationError("\(name) is a number of seconds above 0") }
    }
  }

  /// The workload named, else one stream, with the parts that were given.
  func resolved(_ profiles: Profiles, usual: String? = nil) throws -> Workload {
    var found = Workload()
    if let name = workload ?? usual {
      let all = try profiles.workloads()
      guard let profile = all.first(where: { $0.name == name }) else {
        throw ValidationError("no workload \(name); there are \(all.map(\.name).joined(separator: ", "))")
      }
      found = profile.workload
    }
    if let input { found.inputTokens = input }
    if let output { found.outputTokens = output }
    if let concurrency { found.concurrency = concurrency }
    if let ttft { found.timeToFirstTokenTarget = ttft }
    if let tpot { found.timePerOutputTokenTarget = tpot }
    return found
  }
}
