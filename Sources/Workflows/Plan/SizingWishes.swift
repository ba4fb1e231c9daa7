public import Engines
public import Hardware
import Models
public import Planning
public import Profiles
import Units

/// What is asked of the machines that are to hold a load, by the options of a command or by the web app.
public struct SizingWishes: Sendable {
  /// Names of forms; none for the usual ones.
  public var quantizations: [String] = []
  public var workload: Workload
  /// At the busiest time, before `peak`.
  public var demand: SizingDemand
  public var contextLength: Int?
  /// The percentile of the first tokens that has to be in time; nil for the mean.
  public var firstTokenPercentile: Double?
  /// The same of the further tokens.
  public var outputTokenPercentile: Double?
  /// Accelerators in one box; nil for the usual numbers.
  public var counts: [Int]?
  /// Factor on the load.
  public var peak = 1.0
  public var growth = LoadGrowth(factor: 1)
  public var confidence = 0.8
  public var isPessimistic = false
  public var spareBoxes = 0
  public var nodes = 1
  /// True plans boxes of their own for prompts.
  public var readsPromptsApart = false
  public var kvType: KVCacheType?
  public var prefixHit = 0.0
  /// What guesses tokens, and the share of them that is kept.
  public var guessing: Guessing?
  public var draftAcceptance: Double?
  public var day: DayCurve?
  public var costs = CostWishes()

  public init(workload: Workload, demand: SizingDemand) {
    self.workload = workload
    self.demand = demand
  }

  /// The request that these make of a model and the machines that are considered.
  ///
  /// - Throws: what the model's forms and the lists of prices refuse.
  public func request(
    _ found: FoundModel, on candidates: [Machine], prices profiles: Profiles
  ) throws -> SizingRequest {
    var request = try SizingRequest(
      model: found.model, quantizations: quantizations, workload: workload, candidates: candidates)
    request.siblings = found.siblings
    request.published = found.catalogueEntry?.published
    request.demand = demand
    request.demand.amount *= peak
    request.contextLength = contextLength
    (request.firstTokenPercentile, request.outputTokenPercentile) = (firstTokenPercentile, outputTokenPercentile)
    request.counts = counts
    request.growth = growth.factor
    request.confidence = confidence
    request.isPessimistic = isPessimistic
    request.spareBoxes = spareBoxes
    request.nodes = nodes
    request.readsPromptsApart = readsPromptsApart
    request.notes = found.catalogueEntry.map { SizingModel.notes($0) } ?? []
    request.kvType = kvType
    request.prefixHit = prefixHit
    (request.guessing, request.draftAcceptance) = (guessing, draftAcceptance)
    request.useTask()
    let batchShare = demand.withinSeconds.map { min(1, $0 / 86_400) } ?? 1
    try costs.apply(
      to: &request, profiles, meanOverPeak: (day?.meanOverPeak ?? 1) / peak * growth.meanOverEnd * batchShare)
    request.day = day
    return request
  }
}

/// What machines, their power and their place cost; nil is what the lists say.
public struct CostWishes: Hashable, Sendable {
  public var currency = CostBasis.dollars
  /// The rate at which list prices in dollars are converted; nil leaves them out of another currency's answer.
  public var dollarsPerUnit: Double?
  /// Prices of boxes by the words that name them, bought and by the hour.
  public var prices: [String: Double] = [:]
  public var hourlyPrices: [String: Double] = [:]
  public var host: Double?
  public var network: Double?
  public var electricity: Double?
  public var powerUsageEffectiveness = 1.4
  public var rackPerKilowattMonth: Double?
  public var licencePerAcceleratorYear: Double?
  public var years = 3.0
  public var utilization: Double?
  public var pricePerMillionTokens: Double?
  public var pricePerMillionInputTokens: Double?

  public init() {}

  /// The prices, with those of the lists for what was not given.
  ///
  /// - Throws: what reading the lists throws.
  func apply(to request: inout SizingRequest, _ profiles: Profiles, meanOverPeak: Double) throws {
    var basis = CostBasis()
    basis.currency = currency
    basis.dollarsPerUnit = dollarsPerUnit
    let listed = try profiles.sizingPrices(basis)
    (basis.prices, basis.hourlyPrices) = (prices, hourlyPrices)
    basis.hosts =
      host.map { given in
        [true, false].map { HostPrice("host", isForBoards: $0, most: 1024, price: Figure(given, .user, "--host")) }
      } ?? listed.hosts
    basis.network = network.map { Figure($0, .user, "--network") } ?? listed.network
    basis.electricity = electricity ?? 0.15
    basis.isElectricityAssumed = electricity == nil
    basis.powerUsageEffectiveness = powerUsageEffectiveness
    basis.rackPerKilowattMonth = rackPerKilowattMonth
    basis.licencePerAcceleratorYear = licencePerAcceleratorYear
    basis.years = years
    basis.utilization = utilization ?? meanOverPeak
    basis.pricePerMillionTokens = pricePerMillionTokens
    basis.pricePerMillionInputTokens = pricePerMillionInputTokens
    if currency != CostBasis.dollars, dollarsPerUnit == nil {
      request.notes.append(
        Reason(
          .unusedPrice, "list prices are in USD and are not counted beside \(currency)",
          remedy: "state a rate, such as --exchange \(currency)=1.08"))
    }
    request.costs = basis
    request.rents = listed.rents
  }
}
