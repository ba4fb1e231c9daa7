import ArgumentParser
import Engines
import Planning
import Units

/// How long requests are, how many there are, and how soon they have to be answered; lists give a tier for each value.
struct SizeLoadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(WorkloadOption.kinds, valueName: "name"), completion: .list(WorkloadOption.names))
  var workload: String?
  @Option(
    help: ArgumentHelp(
      "Tokens of one request, such as 32k or 8k,32k.", valueName: "list"))
  var context: CommaList<TokenCount>?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of a prompt.", valueName: "n"))
  var inputTokens: CommaList<TokenCount>?
  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of an answer.", valueName: "n"))
  var outputTokens: CommaList<TokenCount>?
  @Option(parsing: .unconditional, help: .private) var input: CommaList<TokenCount>?
  @Option(parsing: .unconditional, help: .private) var output: CommaList<TokenCount>?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Requests in flight at the busiest time.", valueName: "n"))
  var concurrency: CommaList<Quantity>?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Or: requests a second.", valueName: "n"))
  var rate: CommaList<Quantity>?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Or: people who ask, read and ask again.", valueName: "n"))
  var users: CommaList<Quantity>?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --users: pause before the next request.", valueName: "time"))
  var thinkTime: TimeSpan?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Or: a batch of this many requests, with --within.", valueName: "n"))
  var documents: CommaList<Quantity>?
  @Option(parsing: .unconditional, help: ArgumentHelp("Time for the batch, such as 12h.", valueName: "time"))
  var within: TimeSpan?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Target for the mean first token, such as 2s.", valueName: "time"))
  var ttft: LatencyTarget?
  @Option(
    name: .customLong("ttft-p95"), parsing: .unconditional,
    help: ArgumentHelp("Target for 95% of the first tokens.", valueName: "time"))
  var ttft95: LatencyTarget?
  @Option(
    name: .customLong("ttft-p99"), parsing: .unconditional,
    help: ArgumentHelp("Target for 99% of the first tokens.", valueName: "time", visibility: .hidden))
  var ttft99: LatencyTarget?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Target for each further token, such as 50ms.", valueName: "time"))
  var tpot: LatencyTarget?
  @Option(
    name: .customLong("tpot-p95"), parsing: .unconditional,
    help: ArgumentHelp("Target for each further token in 95% of the requests.", valueName: "time"))
  var tpot95: LatencyTarget?
  @Option(
    name: .customLong("tpot-p99"), parsing: .unconditional,
    help: ArgumentHelp("Target for each further token in 99% of the requests.", valueName: "time", visibility: .hidden))
  var tpot99: LatencyTarget?

  func validate() throws {
    let lengths = [
      ("--context", context), ("--input-tokens", inputTokens ?? input), ("--output-tokens", outputTokens ?? output),
    ]
    for (name, list) in lengths where list?.values.contains(where: { !(1...10_000_000).contains($0.tokens) }) == true {
      throw ValidationError("\(name) is from 1 to 10,000,000")
    }
    let loads = [("--concurrency", concurrency), ("--rate", rate), ("--users", users), ("--documents", documents)]
    let stated = loads.filter { $0.1 != nil }.map(\.0)
    if stated.count > 1 {
      throw ValidationError("\(stated.joined(separator: " and ")) state the same load: give one")
    }
    if concurrency?.values.contains(where: { $0.value < 1 || $0.value > 10_000_000 }) == true {
      throw ValidationError("--concurrency is from 1 to 10,000,000")
    }
    if thinkTime != nil, users == nil { throw ValidationError("--think-time needs --users") }
    if let thinkTime, thinkTime.seconds > 86_400 { throw ValidationError("--think-time is from 0 to 24h") }
    if let thinkTime, thinkTime.isBare, thinkTime.seconds > 1000 {
      let number = thinkTime.seconds.formatted(significant: 4)
      throw ValidationError("--think-time \(number): write \(number)ms or \(number)s")
    }
    guard (documents == nil) == (within == nil) else {
      throw ValidationError("a batch has both a size and an end: --documents 10M --within 12h")
    }
    if let within {
      if within.isBare {
        throw ValidationError(
          "--within \(within.seconds.grouped): write it with its unit, as in 12h")
      }
      guard within.seconds > 0, within.seconds <= 366 * 86_400 else { throw ValidationError("--within is up to 366d") }
    }
    let firsts = [("--ttft", ttft), ("--ttft-p95", ttft95), ("--ttft-p99", ttft99)].filter { $0.1 != nil }
    let each = [("--tpot", tpot), ("--tpot-p95", tpot95), ("--tpot-p99", tpot99)].filter { $0.1 != nil }
    for targets in [firsts, each] where targets.count > 1 {
      throw ValidationError("\(targets.map(\.0).joined(separator: " and ")) are targets for one thing: give one")
    }
    for (name, target) in firsts { try target?.check(name) }
    for (name, target) in each { try target?.check(name, most: 10) }
    if tierCount > 24 { throw ValidationError("these lists make \(tierCount) tiers: 24 are the most") }
  }

  /// The percentile of the first tokens that has to be in time; nil for the mean.
  var percentile: Double? { ttft99 != nil ? 0.99 : ttft95 != nil ? 0.95 : nil }

  /// The percentile of the requests whose further tokens have to be in time; nil for the mean.
  var outputTokenPercentile: Double? { tpot99 != nil ? 0.99 : tpot95 != nil ? 0.95 : nil }

  private var eachToken: LatencyTarget? { tpot ?? tpot95 ?? tpot99 }

  private var tierCount: Int {
    [context, inputTokens ?? input, outputTokens ?? output].reduce(1) { $0 * ($1?.values.count ?? 1) }
      * ([concurrency, rate, users, documents].compactMap { $0 }.first?.values.count ?? 1)
  }

  /// One question of those that the lists make.
  struct Tier {
    /// What makes it differ from the others, in words: `64k context, 200 users`.
    var name: String
    var workload: Workload
    var context: Int?
    var demand: SizingDemand
  }

  /// Every combination of the lists' values, in their order; one where nothing is a list.
  ///
  /// Where a context and no prompt is given, a prompt fills it up to the answer.
  func tiers(_ profile: WorkloadProfile?) throws -> [Tier] {
    var usual = profile?.workload ?? Workload()
    if let first = (ttft ?? ttft95 ?? ttft99)?.seconds { usual.timeToFirstTokenTarget = first }
    if let each = eachToken?.seconds { usual.timePerOutputTokenTarget = each }
    if documents != nil {
      // Nobody waits for one answer of a batch, whatever its kind of use says of people.
      if ttft == nil, ttft95 == nil, ttft99 == nil { usual.timeToFirstTokenTarget = nil }
      if eachToken == nil { usual.timePerOutputTokenTarget = nil }
    }
    var tiers: [Tier] = []
    for context in list(context) {
      for input in list(inputTokens ?? input) {
        for output in list(outputTokens ?? output) {
          for demand in demands(usual, profile) {
            var workload = usual
            workload.outputTokens = output?.tokens ?? usual.outputTokens
            let filled = context.map { max(1, $0.tokens - workload.outputTokens) }
            workload.inputTokens = input?.tokens ?? filled ?? usual.inputTokens
            if let context, workload.inputTokens + workload.outputTokens > context.tokens {
              throw ValidationError(
                "a request of \(workload.inputTokens) + \(workload.outputTokens) tokens has no room in --context "
                  + "\(context.tokens): give shorter lengths, or a longer context")
            }
            if demand.kind == .concurrency { workload.concurrency = max(1, Int(demand.amount)) }
            let words = [
              self.context.many { _ in "\(context?.tokens.short ?? "") context" },
              (inputTokens ?? self.input).many { _ in "\(input?.tokens.short ?? "") in" },
              (outputTokens ?? self.output).many { _ in "\(output?.tokens.short ?? "") out" },
              hasManyLoads ? demand.words : nil,
            ]
            tiers.append(
              Tier(
                name: words.compactMap { $0 }.joined(separator: ", "), workload: workload, context: context?.tokens,
                demand: demand))
          }
        }
      }
    }
    return tiers
  }

  private func list(_ values: CommaList<TokenCount>?) -> [TokenCount?] { values?.values ?? [nil] }

  private var hasManyLoads: Bool {
    [concurrency, rate, users, documents].contains { ($0?.values.count ?? 0) > 1 }
  }

  private func demands(_ workload: Workload, _ profile: WorkloadProfile?) -> [SizingDemand] {
    if let rate { return rate.values.map { SizingDemand(.rate, $0.value) } }
    if let users {
      let pause = thinkTime?.seconds ?? profile?.thinkTimeSeconds ?? 0
      return users.values.map { SizingDemand(.users, $0.value, thinkTimeSeconds: pause) }
    }
    if let documents, let within { return documents.values.map { .batch($0.value, within: within.seconds) } }
    if let concurrency { return concurrency.values.map { SizingDemand(.concurrency, $0.value.rounded()) } }
    return [SizingDemand(.concurrency, Double(workload.concurrency))]
  }
}

extension Optional where Wrapped == CommaList<TokenCount> {
  /// Words for one of several values; nil where there is one or none.
  fileprivate func many(_ words: (Wrapped) -> String) -> String? { flatMap { $0.values.count > 1 ? words($0) : nil } }
}

extension Int {
  /// `64k` for whole multiples of 1024.
  fileprivate var short: String { self >= 1024 && self % 1024 == 0 ? "\(self / 1024)k" : grouped }
}

extension SizingDemand {
  fileprivate var words: String {
    switch kind {
    case .concurrency: "\(amount.grouped) in flight"
    case .rate: "\(amount.grouped) requests/s"
    case .users: "\(amount.grouped) users"
    case .batch: "\((documents ?? 0).grouped) documents"
    }
  }
}
