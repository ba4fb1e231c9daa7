import Engines
import Models
public import Planning
import Units

extension Sizing {
  /// The load in words: `50 requests in flight`, `200 users who think for 30 s`, with lengths, targets and growth.
  public var question: String {
    let targets = [
      workload.timeToFirstTokenTarget.map { ", TTFT\(percentileWords) within \(statedSeconds($0))" },
      workload.timePerOutputTokenTarget.map { ", TPOT\(outputPercentileWords) within \(statedSeconds($0))" },
    ].compactMap { $0 }.joined()
    let ends = isPessimistic && !targets.isEmpty ? " at the slow ends of the bands" : ""
    let grown = growth == 1 ? "" : ", growth x\(growth.formatted(significant: 2))"
    let answer = task == .generation ? ", \(workload.outputTokens.grouped) out" : ""
    let cached = prefixHit > 0 ? " (\(prefixHit.percent) cached)" : ""
    let guessed = speculation.map { ", \(printable($0.words)) guesses" } ?? ""
    return "\(load), \(workload.inputTokens.grouped) tokens in\(cached)\(answer)\(guessed)\(targets)\(ends)\(grown)"
  }

  /// `p95` after TTFT, where that is what has to be in time.
  var percentileWords: String { firstTokenPercentile.map { " \($0.percentileWord)" } ?? "" }

  /// What meets the targets by the expected values, with how much less it is.
  func meanWords(_ mean: SizingOption, beside own: SizingOption) -> String {
    let fewer =
      mean.acceleratorsPerBox > 0 && mean.accelerators < own.accelerators
      ? "\(mean.accelerators) instead of \(counted(own.accelerators, "GPU")), " : ""
    return "\(mean.words), \(fewer)\(mean.sureness) sure\(totalWords(mean))"
  }

  /// Why nothing is recommended, in a few words.
  var nothingWords: String {
    if let nearest = options.max(by: { $0.probability < $1.probability }) {
      return "nothing at \(confidence.percent); at best \(nearest.sureness)"
    }
    return failures.first.map { "nothing: \($0.reason.code.rawValue)" } ?? "nothing"
  }

  /// `, 78,894 USD`; nothing where no price is known.
  func totalWords(_ option: SizingOption) -> String {
    option.totalCost.map { ", \($0.money) \(costs.currency)" } ?? ""
  }

  /// The same after TPOT.
  var outputPercentileWords: String {
    outputTokenPercentile.map { " \($0.percentileWord)" } ?? ""
  }

  private var load: String {
    let amount = demand.amount.grouped
    let thinkTime = demand.thinkTimeSeconds ?? 0
    switch demand.kind {
    case .concurrency: return "\(amount) request\(amount == "1" ? "" : "s") in flight"
    case .rate: return "\(amount) \(task == .generation ? "requests" : task == .embedding ? "texts" : "pairs")/s"
    case .users:
      let (users, s) = amount == "1" ? ("user", "s") : ("users", "")
      return "\(amount) \(users) who \(thinkTime > 0 ? "think\(s) for \(statedSeconds(thinkTime))" : "ask\(s) at once")"
    case .batch:
      let hours = (demand.withinSeconds ?? 0) / 3600
      return "\((demand.documents ?? 0).grouped) documents within \(hours.formatted(significant: 3)) h "
        + "(\(demand.amount.formatted(significant: 3))/s)"
    }
  }

  /// `one batch: 256 USD (8.00 h at 32.06 USD/h)`; nil where the load is no batch, or nobody rents the machine by the hour.
  func batchWords(_ option: SizingOption) -> String? {
    guard demand.kind == .batch, let hours = demand.withinSeconds.map({ $0 / 3600 }),
      let perHour = option.costs?.lines.first(where: { $0.way == .onDemand })?.perHour
    else { return nil }
    let rate = "\(hours.formatted(significant: 3)) h at \(perHour.formatted(decimals: 2)) \(costs.currency)/h"
    return "one batch rented: \((perHour * hours).money) \(costs.currency) (\(rate))"
  }

  /// `3`, `2.5`: the years that costs are over.
  var years: String { costs.years.grouped }
}

/// A span that somebody stated, no more exact than it was stated: `2 s`, `66 ms`, `1.5 s`.
func statedSeconds(_ seconds: Double) -> String {
  formattedSeconds(seconds).split(separator: " ").map { part in
    guard part.contains(".") else { return part }
    var part = part
    while part.hasSuffix("0") { part.removeLast() }
    return part.hasSuffix(".") ? part.dropLast() : part
  }.joined(separator: " ")
}

extension SizingOption {
  /// The boxes in a few words: `2 boxes of 8x h100, FP8`.
  public var words: String { "\(boxWords), \(form)" }

  /// `FP8`; with an asterisk where it may have to be converted first.
  var form: String { hasToBeMade == true ? "\(quantization)*" : quantization }

  /// The boxes without what they run: `2 boxes of 8x h100`.
  public var boxWords: String {
    let reading = promptBoxes.map { " (\($0) for prompts)" } ?? ""
    return (boxes > 1 ? "\(boxes) boxes of \(box)" : box) + reading
  }

  /// The servers of one box in a few words: `2 x TP4`, `1 x split 3`, `1 x split 2, experts of 60 layers on host`.
  public var layout: String {
    var parts: [String] = []
    let stages = devicesPerServer / max(1, tensorParallel * (dataParallel ?? 1))
    if EngineKind(rawValue: engine)?.planning.layouts.hasDegrees == true, acceleratorsPerBox > 0 {
      let degrees = [
        "TP\(tensorParallel)", dataParallel.map { "DP\($0)" }, expertParallel.map { "EP\($0)" },
        stages > 1 ? "PP\(stages)" : nil,
      ]
      parts.append(degrees.compactMap { $0 }.joined(separator: " "))
    }
    if parts.isEmpty { parts.append(acceleratorsPerBox == 0 ? "CPU" : "split \(devicesPerServer)") }
    if let layers = expertLayersOnHost { parts.append("experts of \(layers) layers on host") }
    if let layers = layersOnDevices { parts.append("\(layers) layers on GPU") }
    return "\(replicasPerBox) x \(parts.joined(separator: ", "))"
  }

  /// How well it holds the load: `sure` where the upper ends of the bands are within the targets too, `likely` where the
  /// expected values are, `guess` where no device of the class was measured under load either.
  public var confidence: String { isSure ? "sure" : isMeasured ? "likely" : "guess" }

  /// What is paid: `62,000` once, `5.98/h` for what is rented; nil where no price is known.
  public var payment: String? {
    costs?.lines.first.map { line in
      line.perHour.map { "\($0.formatted(decimals: $0 < 100 ? 2 : 0))/h" } ?? line.upFront.money
    }
  }
}

extension Double {
  /// A price for a million tokens: three digits, at least two decimals.
  var tokenPrice: String { self >= 0.1 ? formatted(decimals: 2) : formatted(significant: 2) }
}

extension SizingCosts.Way {
  var words: String {
    switch self {
    case .purchase: "buy"
    case .onDemand: "rent on demand"
    case .reserved: "rent reserved"
    }
  }
}
