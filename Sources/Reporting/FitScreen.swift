import Engines
import Hardware
public import Planning
import Platform
import Units

/// The answer to "what should I run" on one screen: the form, the engine, how fast, how much context, what it costs in
/// quality, and what would be faster or better.
public struct FitScreen: Sendable {
  private let plan: Plan
  /// The model as the command named it, where it can be started here; nil leaves the next step out.
  private let runName: String?
  /// What this machine runs well, where it does not run this model so.
  private let instead: Recommendation?
  private let isThisMachine: Bool

  public init(
    _ plan: Plan, runName: String? = nil, instead: Recommendation? = nil, isThisMachine: Bool = true
  ) {
    self.plan = plan
    self.runName = runName
    self.instead = instead
    self.isThisMachine = isThisMachine
  }

  public func rendered() -> String {
    guard let best = ranked.first else {
      let reason = plan.reasons.last?.message ?? "no form of the model was found"
      let place = "\(printable(plan.model.name)) on \(printable(plan.machine.name))"
      return Prose.wrapped("\(TextStyle.bad("Does not fit:")) \(place). \(printable(reason))")
    }
    let parts = [headline(best), facts(best), others(beside: best), notes(best), next(best)]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Options that can be used, best first.
  private var ranked: [PlanOption] {
    let order = plan.ranking ?? plan.chosen.map { [$0] } ?? []
    return order.filter(plan.options.indices.contains).map { plan.options[$0] }
  }

  private func headline(_ option: PlanOption) -> String {
    let made = option.hasToBeMade ? " (to be converted)" : ""
    let form = TextStyle.strong("\(option.quantization)\(made)")
    return Prose.wrapped(
      "Run \(form) with \(option.engine.rawValue): \(printable(plan.model.name)) on \(printable(plan.machine.name))")
  }

  private func facts(_ option: PlanOption) -> String {
    let rows: [(String, String?)] = [
      ("Speed", speed(option)), ("Context", context(option)), ("Memory", PlanScreen.memory(option)),
      ("Quality", quality(option)),
      ("Layout", option.placementReason.map { printable($0.message) }),
      ("Changed", option.concessions.map { $0.map { printable($0.message) }.joined(separator: "; ") }),
      ("From", option.repository.map { "hf:\(printable($0))" }),
    ]
    return rows.compactMap { name, text in
      text.map { Prose.wrapped("\(name)\(String(repeating: " ", count: 9 - name.count))\($0)", indent: 9) }
    }.joined(separator: "\n")
  }

  private func speed(_ option: PlanOption) -> String? {
    let missing = option.missingTokensPerSecond.map {
      TextStyle.doubtful(", \($0.formatted(significant: 2)) below the minimum for the use (--min-speed)")
    }
    return PlanScreen(plan).speed(option).map { $0 + (missing ?? "") }
  }

  private func context(_ option: PlanOption) -> String {
    PlanScreen(plan).context(option)
      + (option.placement.replicas > 1 ? ", in each of \(option.placement.replicas) servers" : "")
  }

  private func quality(_ option: PlanOption) -> String {
    guard let lost = option.scoreLost else { return "the loss of \(option.quantization) is not known" }
    let percent = (lost.value * 100).formatted(decimals: 1)
    if lost.value == 0 { return "nothing lost (\(printable(lost.source.detail)))" }
    let about = lost.source.kind == .assumed ? "about " : ""
    return "\(about)\(percent)% of test scores lost (\(printable(lost.source.detail)))"
  }

  // MARK: - What else

  /// A share of test scores that most would notice.
  private static let mostLost = 0.1

  /// The next that is faster, and the next that loses less.
  private func others(beside best: PlanOption) -> String {
    let rest = ranked.dropFirst()
    func pace(_ option: PlanOption) -> Double {
      option.speed?.decode(ofEachOf: plan.workload.concurrency)?.expected ?? 0
    }
    // What is spoilt is no advice, however fast; nor is what would be slower still where the best is too slow.
    let faster = rest.first {
      pace($0) > pace(best) * 1.1 && ($0.scoreLost?.value ?? 1) <= Self.mostLost
    }
    let better =
      best.missingTokensPerSecond != nil
      ? nil
      : rest.first { other in
        guard let own = best.scoreLost?.value, let lost = other.scoreLost?.value else { return false }
        return lost < own - 0.002
      }
    let lines = [("Faster", faster), ("Better", better)].compactMap { name, option in
      option.map { Prose.wrapped("\(name)   \(described($0))", indent: 9) }
    }
    if !lines.isEmpty { return lines.joined(separator: "\n") }
    guard best.missingTokensPerSecond == nil else { return "" }
    return rest.first.map { Prose.wrapped("Next     \(described($0))", indent: 9) } ?? ""
  }

  private func described(_ option: PlanOption) -> String {
    var parts = [
      "\(option.quantization)\(option.hasToBeMade ? " (to be converted)" : "") with \(option.engine.rawValue)"
    ]
    if let rate = option.speed?.decode(ofEachOf: plan.workload.concurrency) {
      parts.append("\(rate.expected.formatted(significant: 3)) tok/s")
    }
    if option.missingTokensPerSecond != nil { parts.append("too slow") }
    if option.scoreLost != nil { parts.append("\(PlanScreen.loss(option)) lost") }
    parts.append(PlanScreen.word(option.verdict))
    return parts.joined(separator: ", ")
  }

  private func notes(_ option: PlanOption) -> String {
    var notes = plan.graveReasons.map {
      PlanScreen.sentence(printable($0.message))
    }
    if option.missingTokensPerSecond != nil {
      let least = plan.objective?.leastTokensPerSecond.formatted(significant: 2) ?? "the minimum"
      notes.append("No quantization that loses little reaches \(least) tok/s. \(advice)")
    }
    return notes.map { Prose.wrapped($0) }.joined(separator: "\n")
  }

  /// What to run in its place; the command that lists more.
  private var advice: String {
    let place = isThisMachine ? "" : " --on \(shellQuoted(plan.machine.name))"
    let list = "plimsoll recommend\(place)"
    guard let instead else { return "\(list) lists models that do." }
    let rate = instead.tokensPerSecond.map { ", \($0.expected.formatted(significant: 2)) tok/s" } ?? ""
    return "This machine runs \(instead.name) well (\(instead.quantization)\(rate)); \(list) lists more."
  }

  private func next(_ option: PlanOption) -> String {
    let missing = MissingEngine(option, of: plan).map { TextStyle.doubtful($0.sentence) }
    let next = runName.flatMap { option.hasToBeMade ? nil : "Next: plimsoll run \(shellQuoted($0))" }
    return [missing, next].compactMap { $0 }.joined(separator: "\n")
  }
}
