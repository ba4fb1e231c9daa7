import ArgumentParser
import Engines
import Planning
import Profiles
import Units

/// The load that a command is about: a workload by name, with any part of it changed.
struct WorkloadOption: ParsableArguments {
  static let names = ["chat", "retrieval", "code-completion", "summarization", "batch"]
  static let kinds = "A kind of use: \(names.joined(separator: ", "))."

  @Option(help: ArgumentHelp(kinds, valueName: "name"), completion: .list(names)) var workload: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of a prompt.", valueName: "n")) var inputTokens: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of an answer.", valueName: "n")) var outputTokens: Int?
  @Option(parsing: .unconditional, help: .hidden) var input: Int?
  @Option(parsing: .unconditional, help: .hidden) var output: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Requests in flight at the busiest time.", valueName: "n"))
  var concurrency: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Target for the first token, such as 2s.", valueName: "time"))
  var ttft: LatencyTarget?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Target for each further token, such as 50ms.", valueName: "time"))
  var tpot: LatencyTarget?

  func validate() throws {
    for (name, value) in [
      ("--input-tokens", inputTokens ?? input), ("--output-tokens", outputTokens ?? output),
      ("--concurrency", concurrency),
    ] {
      if let value, value < 1 || value > 10_000_000 { throw ValidationError("\(name) is from 1 to 10,000,000") }
    }
    try ttft?.check("--ttft")
    try tpot?.check("--tpot")
  }

  /// The profile of the workload named; nil where none is.
  func profile(_ profiles: Profiles, usual: String? = nil) throws -> WorkloadProfile? {
    try (workload ?? usual).map { try Self.profile(named: $0, profiles) }
  }

  /// The workload named, else one stream, with the parts that were given.
  func resolved(_ profiles: Profiles, usual: String? = nil) throws -> Workload {
    var found = try profile(profiles, usual: usual)?.workload ?? Workload()
    if let input = inputTokens ?? input { found.inputTokens = input }
    if let output = outputTokens ?? output { found.outputTokens = output }
    if let concurrency { found.concurrency = concurrency }
    if let ttft { found.timeToFirstTokenTarget = ttft.seconds }
    if let tpot { found.timePerOutputTokenTarget = tpot.seconds }
    return found
  }

  /// The workload of a name, else one stream.
  static func named(_ name: String?, _ profiles: Profiles) throws -> Workload {
    try name.map { try profile(named: $0, profiles).workload } ?? Workload()
  }

  private static func profile(named name: String, _ profiles: Profiles) throws -> WorkloadProfile {
    let all = try profiles.workloads()
    guard let profile = all.first(where: { $0.name == name }) else {
      throw ValidationError("no workload \(name); there are \(all.map(\.name).joined(separator: ", "))")
    }
    return profile
  }
}
