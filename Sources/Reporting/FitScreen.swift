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

  public init(_ plan: Plan, runName: String? = nil) {
    self.plan = plan
    self.runName = runName
  }

  public func rendered() -> String {
    guard let best = ranked.first else {
      let reason = plan.reasons.last?.message ?? "no form of the model was found"
      let place = "\(printable(plan.model.name)) on \(printable(plan.machine.name))"
      return Prose.wrapped("\(TextStyle.bad("Nothing fits:")) \(place). \(printable(reason))")
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
    let made = option.hasToBeMade ? " (to be made)" : ""
    let form = TextStyle.strong("\(option.quantization)\(made)")
    return Prose.wrapped(
      "Run \(form) with \(option.engine.rawValue): \(printable(plan.model.name)) on \(printable(plan.machine.name))")
  }

  private func facts(_ option: PlanOption) -> String {
    let rows: [(String, String?)] = [
      ("Speed", speed(option)), ("Context", context(option)), ("Memory", memory(option)), ("Quality", quality(option)),
      ("Layout", option.placementReason.map { printable($0.message) }),
      ("Changed", option.concessions.map { $0.map { printable($0.message) }.joined(separator: "; ") }),
      ("From", option.repository.map { "hf:\(printable($0))" }),
    ]
    return rows.compactMap { name, text in
      text.map { Prose.wrapped("\(name)\(String(repeating: " ", count: 9 - name.count))\($0)", indent: 9) }
    }.joined(separator: "\n")
  }

  private func speed(_ option: PlanOption) -> String? {
    guard let rate = option.speed?.decode else { return nil }
    let words = [rate.expected, rate.low, rate.high].map { $0.formatted(significant: 3) }
    var text = "\(words[0]) tok/s (\(words[1])–\(words[2]))"
    if let missing = option.missingTokensPerSecond {
      text += TextStyle.doubtful(", \(missing.formatted(significant: 2)) below the least (--min-speed)")
    }
    if let first = option.speed?.timeToFirstToken {
      text += ", first token after \(formattedSeconds(first.expected))"
    }
    return text
  }

  private func context(_ option: PlanOption) -> String {
    let longest = option.largestContext.map { "; up to \($0.value.grouped) fit" } ?? ""
    return "\(option.contextLength.grouped) tokens, \(counted(option.parallel, "request")) at once\(longest)"
      + (option.placement.replicas > 1 ? ", in each of \(option.placement.replicas) servers" : "")
  }

  private func memory(_ option: PlanOption) -> String? {
    option.memory.map { memory in
      let usable = memory.devices.count == 1 ? memory.devices[0].usableBytes.map { " of \($0.value)" } ?? "" : ""
      return "at most \(memory.highBytes)\(usable) (\(PlanScreen.word(option.verdict)))"
    }
  }

  private func quality(_ option: PlanOption) -> String {
    guard let lost = option.scoreLost else { return "the loss of \(option.quantization) is not known" }
    let percent = (lost.value * 100).formatted(decimals: 1)
    if lost.value == 0 { return "nothing lost (\(printable(lost.source.detail)))" }
    let about = lost.source.kind == .assumed ? "about " : ""
    return "\(about)\(percent)% of test scores lost (\(printable(lost.source.detail)))"
  }

  // MARK: - What else

  /// The next that is faster, and the next that loses less.
  private func others(beside best: PlanOption) -> String {
    let rest = ranked.dropFirst()
    let pace = best.speed?.decode?.expected ?? 0
    let faster = rest.first { ($0.speed?.decode?.expected ?? 0) > pace * 1.1 }
    let better = rest.first { other in
      guard let own = best.scoreLost?.value, let lost = other.scoreLost?.value else { return false }
      return lost < own - 0.002
    }
    let lines = [("Faster", faster), ("Better", better)].compactMap { name, option in
      option.map { Prose.wrapped("\(name)   \(described($0))", indent: 9) }
    }
    if !lines.isEmpty { return lines.joined(separator: "\n") }
    return rest.first.map { Prose.wrapped("Next     \(described($0))", indent: 9) } ?? ""
  }

  private func described(_ option: PlanOption) -> String {
    var parts = ["\(option.quantization)\(option.hasToBeMade ? " (to be made)" : "") with \(option.engine.rawValue)"]
    if let rate = option.speed?.decode { parts.append("\(rate.expected.formatted(significant: 3)) tok/s") }
    if option.missingTokensPerSecond != nil { parts.append("too slow") }
    if option.scoreLost != nil { parts.append("\(PlanScreen.loss(option)) lost") }
    parts.append(PlanScreen.word(option.verdict))
    return parts.joined(separator: ", ")
  }

  private func notes(_ option: PlanOption) -> String {
    guard option.missingTokensPerSecond != nil else { return "" }
    return Prose.wrapped(
      "Nothing that fits reaches \(plan.objective?.leastTokensPerSecond.formatted(significant: 2) ?? "the least") tok/s. "
        + "plimsoll recommend lists models that do.")
  }

  private func next(_ option: PlanOption) -> String {
    guard let runName, !option.hasToBeMade else { return "" }
    return "Next: plimsoll run \(shellQuoted(runName))"
  }
}
