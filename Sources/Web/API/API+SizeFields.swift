import Engines
import Planning
import Units
import Workflows

/// What is asked of `size`, in its fields.
extension API {
  static let workloadNames = ["chat", "retrieval", "code-completion", "summarization", "batch"]

  static let sizeFields =
    [
      modelField,
      Field("machines", .texts(most: 16, length: 300), "Only these; what is sold now if left out."),
      Field("quantizations", .texts(most: 16, length: 40), "Only these forms."),
      Field("kvType", .text(most: 30), "Type of the KV cache, such as fp8.", example: "q8_0"),
      Field("prefixHit", .number(0.01...0.99), "Share of the prompts' tokens that the cache already holds."),
      Field("mtp", .flag, "The model's own prediction layers guess tokens."),
      Field("draft", .text(most: 512), "A draft model that guesses tokens.", example: "qwen3-0.6b"),
      Field("draftAcceptance", .number(0...1), "Share of the guesses that the model accepts; 0.6 if left out."),
    ] + loadFields + marginFields + costFields + [
      Field("study", .flag, "Cost against confidence, alternatives and sensitivity too.")
    ]

  private static let loadFields = [
    Field("workload", .choice(workloadNames), "A kind of use; chat if left out."),
    Field("context", .integer(1...10_000_000), "Tokens of one request."),
    Field("inputTokens", .integer(1...10_000_000), "Tokens of a prompt."),
    Field("outputTokens", .integer(1...10_000_000), "Tokens of an answer."),
    Field("load", .choice(["concurrency", "rate", "users", "documents"]), "What amount counts at the busiest time."),
    Field("amount", .number(0.001...1e9), "Requests in flight, requests a second, users, or documents of a batch."),
    Field("thinkTime", .number(0...86_400), "Seconds between a user's answer and next request."),
    Field("within", .number(1...31_622_400), "Seconds for all documents of a batch."),
    Field("timeToFirstToken", .number(0.001...100_000), "Target in seconds."),
    Field("firstTokenPercentile", .choice(percentiles), "Which first tokens are held to it; the mean if left out."),
    Field("timePerOutputToken", .number(0.0001...1000), "Target in seconds."),
    Field("outputTokenPercentile", .choice(percentiles), "The same of each further token."),
    Field("day", .choice([DayCurve.office.name, DayCurve.global.name]), "A known curve of the day's load."),
    Field("hours", .numbers(count: 24, 0...1e9), "Or its 24 hours, in any unit; the load asked for is the busiest."),
    Field("daysPerWeek", .number(0.1...7), "With hours: days of a week that are so; 7 if left out."),
  ]

  private static let marginFields = [
    Field("confidence", .number(0.5...0.995), "Chance that all targets hold; 0.8 if left out."),
    Field("pessimistic", .flag, "Hold the targets even at the slow end of the 80% band."),
    Field("peak", .number(1...1000), "Plan for this multiple of the load."),
    Field("growth", .number(1...1000), "Factor by which the load is to grow."),
    Field("growthPerYear", .number(0.001...10), "Or its growth each year over all years, such as 0.3."),
    Field("spare", .integer(0...64), "Boxes that may fail."),
    Field("counts", .texts(most: 16, length: 2), "Numbers of GPUs in one box, 1 to 64."),
    Field("nodes", .integer(1...64), "vLLM: machines that one server spans."),
    Field("promptsApart", .flag, "Boxes of their own for prompts: a plan, no engine here starts it."),
  ]

  private static let costFields = [
    Field("years", .number(0.1...20), "Years to count costs over; 3 if left out."),
    Field("currency", .text(most: 3), "Currency of all prices, three letters; USD if left out.", example: "EUR"),
    Field("dollarsPerUnit", .number(0.000001...1e6), "Dollars for one of that currency: converts the list prices."),
    Field("prices", .amounts(100...1e9), "Prices of machines by name.", example: ["8x h100": 250_000]),
    Field("hourlyPrices", .amounts(0.001...1e6), "Prices of an hour by name.", example: ["h100": 3]),
    Field("host", .number(0...1e9), "Price of a host for the GPUs; list prices if left out."),
    Field("network", .number(0...1e9), "Price of a network port for each of several boxes."),
    Field("electricity", .number(0...100), "Price of a kilowatt-hour; 0.15 if left out."),
    Field("pue", .number(1...4), "Power with cooling over power without; 1.4 if left out."),
    Field("rack", .number(0...1e6), "Price of rack space for a kilowatt and month."),
    Field("licencePerGPU", .number(0...1e9), "Software licence for one GPU and year."),
    Field("utilization", .number(0.001...1), "Mean load over busiest load; from the day if left out."),
    Field("breakEven", .number(0...1e6), "A service's price for a million output tokens, to compare with."),
    Field("breakEvenInput", .number(0...1e6), "Its price for a million input tokens."),
  ]

  private static let percentiles = ["mean", "p95", "p99"]

  private static func percentile(_ word: String?) -> Double? { word.flatMap { ["p95": 0.95, "p99": 0.99][$0] } }

  /// - Throws: `WebFault` for fields that do not go together, and what reading the cache's type throws.
  static func wishes(_ inputs: Inputs, _ profile: WorkloadProfile) throws -> SizingWishes {
    let workload = try workload(inputs, profile)
    var wishes = SizingWishes(workload: workload, demand: try demand(inputs, profile))
    if wishes.demand.kind == .concurrency { wishes.workload.concurrency = max(1, Int(wishes.demand.amount)) }
    (wishes.quantizations, wishes.contextLength) = (inputs.texts("quantizations"), inputs.integer("context"))
    wishes.firstTokenPercentile = percentile(inputs.text("firstTokenPercentile"))
    wishes.outputTokenPercentile = percentile(inputs.text("outputTokenPercentile"))
    wishes.kvType = try inputs.text("kvType").map { try KVCacheType(wished: $0) }
    wishes.prefixHit = inputs.number("prefixHit") ?? 0
    try guess(inputs, &wishes)
    wishes.day = try day(inputs)
    (wishes.confidence, wishes.isPessimistic) = (inputs.number("confidence") ?? 0.8, inputs.flag("pessimistic"))
    wishes.peak = inputs.number("peak") ?? 1
    wishes.costs = try costs(inputs)
    wishes.growth = try growth(inputs, years: wishes.costs.years)
    wishes.spareBoxes = inputs.integer("spare") ?? 0
    let counts = try inputs.texts("counts").map { text in
      guard let number = Int(text), (1...64).contains(number) else {
        throw WebFault(400, "counts is a list of numbers from 1 to 64")
      }
      return number
    }
    wishes.counts = counts.isEmpty ? nil : Set(counts).sorted()
    (wishes.nodes, wishes.readsPromptsApart) = (inputs.integer("nodes") ?? 1, inputs.flag("promptsApart"))
    if wishes.readsPromptsApart, wishes.nodes > 1 {
      throw WebFault(400, "promptsApart and nodes cannot be planned together")
    }
    return wishes
  }

  private static func workload(_ inputs: Inputs, _ profile: WorkloadProfile) throws -> Workload {
    var workload = profile.workload
    if inputs.text("load") == "documents" {
      // Nobody waits for one answer of a batch.
      (workload.timeToFirstTokenTarget, workload.timePerOutputTokenTarget) = (nil, nil)
    }
    workload.timeToFirstTokenTarget = inputs.number("timeToFirstToken") ?? workload.timeToFirstTokenTarget
    workload.timePerOutputTokenTarget = inputs.number("timePerOutputToken") ?? workload.timePerOutputTokenTarget
    workload.outputTokens = inputs.integer("outputTokens") ?? workload.outputTokens
    let context = inputs.integer("context")
    let filled = context.map { max(1, $0 - workload.outputTokens) }
    workload.inputTokens = inputs.integer("inputTokens") ?? filled ?? workload.inputTokens
    if let context, workload.inputTokens + workload.outputTokens > context {
      throw WebFault(
        400, "a request of \(workload.inputTokens + workload.outputTokens) tokens has no room in the context")
    }
    return workload
  }

  private static func demand(_ inputs: Inputs, _ profile: WorkloadProfile) throws -> SizingDemand {
    guard let load = inputs.text("load") else {
      return SizingDemand(.concurrency, inputs.number("amount") ?? Double(profile.concurrency))
    }
    guard let amount = inputs.number("amount") else { throw WebFault(400, "load needs an amount") }
    switch load {
    case "rate": return SizingDemand(.rate, amount)
    case "users":
      return SizingDemand(
        .users, amount, thinkTimeSeconds: inputs.number("thinkTime") ?? profile.thinkTimeSeconds ?? 0)
    case "documents":
      guard let within = inputs.number("within") else { throw WebFault(400, "documents need within, their end") }
      return .batch(amount, within: within)
    default: return SizingDemand(.concurrency, amount.rounded())
    }
  }

  private static func guess(_ inputs: Inputs, _ wishes: inout SizingWishes) throws {
    let (hasLayers, hasDraft) = (inputs.flag("mtp"), inputs.text("draft") != nil)
    if hasLayers, hasDraft { throw WebFault(400, "mtp and draft cannot both guess; leave one of them out") }
    wishes.draftAcceptance = inputs.number("draftAcceptance")
    if wishes.draftAcceptance != nil, !hasLayers, !hasDraft {
      throw WebFault(400, "draftAcceptance needs draft or mtp")
    }
  }

  private static func day(_ inputs: Inputs) throws -> DayCurve? {
    if let name = inputs.text("day") {
      guard inputs.numbers("hours") == nil else { throw WebFault(400, "day and hours state the same; give one") }
      return [DayCurve.office, .global].first { $0.name == name }
    }
    guard let hours = inputs.numbers("hours") else { return nil }
    do {
      return try DayCurve(
        name: "stated", hours: hours, daysPerWeek: inputs.number("daysPerWeek") ?? 7, source: "stated: 24 hours")
    } catch { throw WebFault(400, "hours is 24 numbers, one of them above 0") }
  }

  private static func growth(_ inputs: Inputs, years: Double) throws -> LoadGrowth {
    guard let perYear = inputs.number("growthPerYear") else { return LoadGrowth(factor: inputs.number("growth") ?? 1) }
    guard inputs.number("growth") == nil else {
      throw WebFault(400, "growth and growthPerYear state the same; give one")
    }
    return LoadGrowth(perYear: perYear, years: years)
  }

  private static func costs(_ inputs: Inputs) throws -> CostWishes {
    var costs = CostWishes()
    if let currency = inputs.text("currency")?.uppercased() {
      guard currency.count == 3, currency.allSatisfy({ $0.isASCII && $0.isLetter }) else {
        throw WebFault(400, "currency is a code of three letters, such as EUR")
      }
      costs.currency = currency
    }
    costs.dollarsPerUnit = inputs.number("dollarsPerUnit")
    if costs.dollarsPerUnit != nil, costs.currency == CostBasis.dollars {
      throw WebFault(400, "dollarsPerUnit needs another currency")
    }
    costs.years = inputs.number("years") ?? 3
    (costs.prices, costs.hourlyPrices) = (inputs.amounts("prices"), inputs.amounts("hourlyPrices"))
    (costs.host, costs.network) = (inputs.number("host"), inputs.number("network"))
    costs.electricity = inputs.number("electricity")
    costs.powerUsageEffectiveness = inputs.number("pue") ?? 1.4
    (costs.rackPerKilowattMonth, costs.licencePerAcceleratorYear) = (
      inputs.number("rack"), inputs.number("licencePerGPU")
    )
    costs.utilization = inputs.number("utilization")
    costs.pricePerMillionTokens = inputs.number("breakEven")
    costs.pricePerMillionInputTokens = inputs.number("breakEvenInput")
    if costs.pricePerMillionInputTokens != nil, costs.pricePerMillionTokens == nil {
      throw WebFault(400, "breakEvenInput goes with breakEven")
    }
    return costs
  }
}
