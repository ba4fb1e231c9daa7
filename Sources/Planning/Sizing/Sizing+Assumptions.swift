package import Units

/// Something that the answer rests on, and where it is from.
public struct SizingAssumption: Hashable, Sendable, Codable {
  public var what: String
  public var value: String
  public var source: String
}

extension Sizing {
  /// What an option's figures rest on, the most important first.
  public func assumptions(of option: SizingOption) -> [SizingAssumption] {
    var all: [SizingAssumption] = []
    func add(_ what: String, _ value: String, _ source: String) {
      all.append(SizingAssumption(what: what, value: value, source: source))
    }
    let first = option.timeToFirstToken?.source?.detail ?? "the speed model"
    add("probability", option.sureness, "chances of TTFT and TPOT multiplied; their bands: \(first)")
    if let share = firstTokenPercentile {
      add("TTFT", share.percentileWord, "assumed: waiting times spread exponentially")
    }
    if let share = outputTokenPercentile {
      add("TPOT", share.percentileWord, "assumed: prompts of other requests come at random")
    }
    if let line = option.costs?.lines.first { add("price", option.box, line.source) }
    if let rate = costs.dollarsPerUnit { add("exchange", costs.rateWords(rate), "stated") }
    addParts(of: option, add)
    if costs.electricity != nil, option.costs?.lines.first?.way == .purchase {
      let price = (costs.electricity ?? 0).formatted(significant: 3)
      add(
        "electricity", "\(price) \(costs.currency)/kWh, PUE \(costs.powerUsageEffectiveness.formatted(significant: 3))",
        "\(costs.isElectricityAssumed ? "assumed" : "given"); full power \(costs.utilization.percent) of the time, "
          + "\(costs.idleShare.percent) of it the rest (assumed)")
    }
    if costs.utilization < 1 || day != nil {
      add("mean load", "\(costs.utilization.percent) of the busiest", day?.source ?? "the load as stated")
    }
    if growth != 1 {
      add("growth", "x\(growth.formatted(significant: 3))", "given; the machines hold the load at the end of it")
    }
    if let reading = option.promptBoxes {
      add(
        "prompts apart", "\(reading) of \(option.boxes) boxes",
        "assumed: caches move over 400 Gb/s; a plan only, no engine is started so")
    }
    if prefixHit > 0 { add("prefix cache", "\(prefixHit.percent) of prompt tokens", "given") }
    if let speculation {
      add(
        "speculation",
        "\(speculation.words): \(speculation.guesses) guesses, \(speculation.acceptance.percent) of each kept",
        speculation.isAssumed ? "assumed: it depends on the text" : "given")
    }
    if demand.kind == .batch {
      let days = (demand.withinSeconds ?? 0) / CostBasis.secondsPerDay
      let period = days > 1 ? "one after another, \(days.formatted(significant: 3)) days each" : "one each day"
      add("batch", period, "assumed: years to count costs over")
    }
    if let costs = option.costs {
      add(
        "years", costs.years.grouped,
        "no resale value, no interest, prices as they are today")
    }
    return all
  }

  /// `1,926 USD a box`.
  package func networkWords(_ price: Figure<Double>) -> String { "\(price.value.money) \(costs.currency) a box" }

  private func addParts(of option: SizingOption, _ add: (String, String, String) -> Void) {
    if let words = option.host, let host = costs.hosts.first(where: { $0.words == words }) {
      add("host", "\(host.price.value.money) \(costs.currency): \(words)", host.price.source.description)
    }
    if option.costs?.network != nil, let network = costs.network {
      add("network", networkWords(network), network.source.description)
    }
    if let racks = option.costs?.racks, let watts = option.watts {
      add(
        "rack", "\(counted(racks, "rack")), \((watts / 1000).formatted(significant: 3)) kW",
        "\(costs.kilowattsPerRack.formatted(decimals: 0)) kW a rack (assumed)")
    }
  }
}

extension Double {
  /// A share as a percentile: `p95`.
  package var percentileWord: String { "p\((self * 100).grouped)" }
}
