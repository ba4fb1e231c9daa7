import Units

/// What an option costs over the years, part by part and by each way to pay for it.
public struct SizingCosts: Hashable, Sendable, Codable {
  /// How the boxes are paid for.
  public enum Way: String, Hashable, Sendable, Codable, CaseIterable {
    case purchase
    case onDemand = "on-demand"
    case reserved
  }

  /// One way to pay.
  public struct Line: Hashable, Sendable, Codable {
    public var way: Way
    /// Paid before the first token.
    public var upFront: Double
    public var perYear: Double
    /// Over all years.
    public var total: Double
    /// For one hour of all boxes, where they are rented.
    public var perHour: Double?
    /// All costs over the output tokens.
    public var perMillionOutputTokens: Double
    /// The cost shared among input and output by the time that the machines spend on each.
    public var split: Split
    /// Months after which it is cheaper than the service; 0 from the start, nil where never or no service is compared.
    public var breakEvenMonths: Double?
    /// What one batch costs where one after another is answered for all the years; nil where the load is no batch.
    public var perBatch: Double?
    /// Where the price is from, with its day.
    public var source: String
  }

  /// Cost of a million input and a million output tokens that together make the whole.
  public struct Split: Hashable, Sendable, Codable {
    public var perMillionInputTokens: Double
    public var perMillionOutputTokens: Double
  }

  /// The parts of the purchase; nil for a machine that is sold whole, whose price is all `accelerators`.
  public var accelerators: Double?
  public var hosts: Double?
  public var network: Double?
  public var energyPerYear: Double?
  public var rackPerYear: Double?
  public var licencesPerYear: Double?
  /// Racks by the power that one takes.
  public var racks: Int?
  /// Ways to pay, the cheapest over the years first.
  public var lines: [Line] = []
  public var years: Double

  /// What is paid at the start, and in each year: the last one may be a part of one.
  public func cashFlow(_ line: Line) -> [Double] {
    let whole = Int(years.rounded(.down))
    let rest = years - Double(whole)
    return [line.upFront] + Array(repeating: line.perYear, count: whole) + (rest > 1e-9 ? [line.perYear * rest] : [])
  }
}

extension SizingCosts {
  /// What is bought or rented, and what it does.
  struct Question {
    var box: SizingBox
    var boxes: Int
    var watts: Double?
    /// At the busiest load.
    var outputTokensPerSecond: Double
    var inputTokensPerSecond: Double
    /// Share of the machines' time that goes into prompts.
    var promptShare: Double
    /// True where boxes talk to each other for each token: a server spans them, or some read prompts for the others.
    var isClustered = false
    /// Seconds that a batch takes, where the load is one.
    var batchSeconds: Double?
  }

  init(_ asked: Question, _ basis: CostBasis) {
    years = basis.years
    let boxes = Double(asked.boxes)
    let cards = boxes * Double(asked.box.accelerators)
    let hours = CostBasis.hoursPerYear
    if let watts = asked.watts {
      let kilowatts = watts / 1000
      let loaded = basis.utilization + (1 - basis.utilization) * basis.idleShare
      energyPerYear = basis.electricity.map { kilowatts * loaded * hours * $0 * basis.powerUsageEffectiveness }
      rackPerYear = basis.rackPerKilowattMonth.map { kilowatts * 12 * $0 }
      racks = max(1, Int((kilowatts / basis.kilowattsPerRack).rounded(.up)))
    }
    licencesPerYear = basis.licencePerAcceleratorYear.map { $0 * cards }
    let running = (energyPerYear ?? 0) + (rackPerYear ?? 0) + (licencesPerYear ?? 0)
    let busy = basis.utilization * hours * 3600 / 1e6
    let tokens = (output: asked.outputTokensPerSecond * busy, input: asked.inputTokensPerSecond * busy)
    let service =
      basis.pricePerMillionTokens == nil && basis.pricePerMillionInputTokens == nil
      ? nil
      : tokens.output * (basis.pricePerMillionTokens ?? 0) + tokens.input * (basis.pricePerMillionInputTokens ?? 0)

    let batches = asked.batchSeconds.map { basis.years * hours * 3600 / Swift.max($0, CostBasis.secondsPerDay) }

    func line(_ way: Way, upFront: Double, perYear: Double, perHour: Double?, _ source: String) -> Line {
      let total = upFront + perYear * basis.years
      let each = total / basis.years
      let saved = service.map { $0 - perYear }
      return Line(
        way: way, upFront: upFront, perYear: perYear, total: total, perHour: perHour,
        perMillionOutputTokens: each / tokens.output,
        split: Split(
          perMillionInputTokens: each * asked.promptShare / max(tokens.input, 1e-12),
          perMillionOutputTokens: each * (1 - asked.promptShare) / tokens.output),
        breakEvenMonths: saved.flatMap { $0 > 0 ? upFront / $0 * 12 : nil }, perBatch: batches.map { total / $0 },
        source: source)
    }
    if let price = asked.box.price {
      accelerators = price * boxes
      hosts = asked.box.hostPrice.map { $0 * boxes }
      let machines = asked.boxes * asked.box.nodes
      // Replicas behind a load balancer need no port of a cluster's network; one that was stated is counted.
      let hasPorts = asked.isClustered || basis.network?.source.kind == .user
      network = machines > 1 && hasPorts ? basis.network.map { $0.value * Double(machines) } : nil
      let source = asked.box.priceSource ?? "given"
      let missing =
        basis.electricity != nil && asked.watts == nil ? ", without electricity: its power is not known" : ""
      lines.append(
        line(
          .purchase, upFront: price * boxes + (hosts ?? 0) + (network ?? 0), perYear: running, perHour: nil,
          source + missing))
    }
    for offer in asked.box.rents {
      let perHour = offer.perHour * boxes
      // Between two batches nothing is rented by the hour.
      let rented = offer.isReserved ? 1 : asked.batchSeconds.map { min(1, $0 / CostBasis.secondsPerDay) } ?? 1
      lines.append(
        line(
          offer.isReserved ? .reserved : .onDemand, upFront: 0,
          perYear: perHour * hours * rented + (licencesPerYear ?? 0),
          perHour: perHour, offer.words))
    }
    lines.sort { ($0.total, $0.way.rawValue) < ($1.total, $1.way.rawValue) }
  }
}
