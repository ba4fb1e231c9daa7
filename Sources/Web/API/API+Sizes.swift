import Engines
import Planning
import Profiles
import Units
import Workflows

extension API {
  var sizeEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "POST", path: "/size", name: "size", group: "Plans",
        words: "Which machines, and how many, hold a load, and what that costs.", body: Self.sizeFields,
        answer: .document("sizing")
      ) { inputs in try .json(try await sizing(inputs)) }
    ]
  }

  private static let sizeFields = [
    modelField,
    Field("machines", .texts(most: 16, length: 300), "Only these; what is sold now if left out."),
    Field("quantizations", .texts(most: 16, length: 40), "Only these forms."),
    Field("workload", .choice(workloadNames), "A kind of use; chat if left out."),
    Field("context", .integer(1...10_000_000), "Tokens of one request."),
    Field("inputTokens", .integer(1...10_000_000), "Tokens of a prompt."),
    Field("outputTokens", .integer(1...10_000_000), "Tokens of an answer."),
    Field("load", .choice(["concurrency", "rate", "users", "documents"]), "What amount counts at the busiest time."),
    Field("amount", .number(0.001...1e9), "Requests in flight, requests a second, users, or documents of a batch."),
    Field("thinkTime", .number(0...86_400), "Seconds between a user's answer and next request."),
    Field("within", .number(1...31_622_400), "Seconds for all documents of a batch."),
    Field("timeToFirstToken", .number(0.001...100_000), "Target in seconds."),
    Field(
      "firstTokenPercentile", .choice(["mean", "p95", "p99"]),
      "Which first tokens are held to it; the mean if left out."),
    Field("timePerOutputToken", .number(0.0001...1000), "Target in seconds."),
    Field("confidence", .number(0.5...0.995), "Chance that all targets hold; 0.8 if left out."),
    Field("peak", .number(1...1000), "Plan for this multiple of the load."),
    Field("growth", .number(1...1000), "Factor by which the load is to grow."),
    Field("spare", .integer(0...64), "Boxes that may fail."),
    Field("years", .number(0.1...20), "Years to count costs over; 3 if left out."),
    Field("electricity", .number(0...100), "Price of a kilowatt-hour in dollars."),
    Field("prices", .amounts(100...1e9), "Prices of machines by name, in dollars.", example: ["8x h100": 250_000]),
    Field("hourlyPrices", .amounts(0.001...1e6), "Prices of an hour by name, in dollars.", example: ["h100": 3]),
    Field("breakEven", .number(0...1e6), "A service's price for a million output tokens, to compare with."),
    Field("study", .flag, "Cost against confidence, alternatives and sensitivity too."),
  ]

  static let workloadNames = ["chat", "retrieval", "code-completion", "summarization", "batch"]

  private func sizing(_ inputs: Inputs) async throws -> Sizing {
    let name = try ModelBounds(in: workspace).name(inputs.text("model") ?? "")
    let found = try await SizingModel.resolve(name, in: workspace)
    let profiles = workspace.catalogue()
    let kind = inputs.text("workload") ?? "chat"
    guard let profile = try profiles.workloads().first(where: { $0.name == kind }) else {
      throw WebFault(400, "no workload is called \(kind)")
    }
    let wishes = try wishes(inputs, profile)
    let named = inputs.texts("machines")
    let candidates = named.isEmpty ? profiles.shortlist() : try named.map { try workspace.machine(named: $0) }
    let request = try wishes.request(found, on: candidates, prices: profiles)
    let wantsStudy = inputs.flag("study")
    return try await aside {
      let estimator = SpeedEstimator(try profiles.efficiencies())
      var sizing = Sizing(request, estimator: estimator)
      try sizing.requireUnambiguousPrices()
      if wantsStudy { sizing.study = SizingStudy(request, sizing, estimator: estimator) }
      return sizing
    }
  }

  private func wishes(_ inputs: Inputs, _ profile: WorkloadProfile) throws -> SizingWishes {
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
    let demand = try demand(inputs, profile)
    if demand.kind == .concurrency { workload.concurrency = max(1, Int(demand.amount)) }
    var wishes = SizingWishes(workload: workload, demand: demand)
    (wishes.quantizations, wishes.contextLength) = (inputs.texts("quantizations"), context)
    wishes.firstTokenPercentile = ["p95": 0.95, "p99": 0.99][inputs.text("firstTokenPercentile") ?? "mean"]
    wishes.confidence = inputs.number("confidence") ?? 0.8
    wishes.peak = inputs.number("peak") ?? 1
    wishes.growth = LoadGrowth(factor: inputs.number("growth") ?? 1)
    wishes.spareBoxes = inputs.integer("spare") ?? 0
    wishes.costs.years = inputs.number("years") ?? 3
    wishes.costs.electricity = inputs.number("electricity")
    (wishes.costs.prices, wishes.costs.hourlyPrices) = (inputs.amounts("prices"), inputs.amounts("hourlyPrices"))
    wishes.costs.pricePerMillionTokens = inputs.number("breakEven")
    return wishes
  }

  private func demand(_ inputs: Inputs, _ profile: WorkloadProfile) throws -> SizingDemand {
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
}
