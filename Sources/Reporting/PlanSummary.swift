public import Planning
import Engines
import Hardware
import Units

/// A plan for a terminal: one row for each option, and the chosen one by device.
public struct PlanSummary: Sendable {
  private let plan: Plan
  private let showsSources: Bool

  public init(_ plan: Plan, showsSources: Bool = false) {
    self.plan = plan
    self.showsSources = showsSources
  }

  public func rendered() -> String {
    let model = plan.model
    let parameters = model.parameters.map { ", \($0.value.grouped) parameters" } ?? ""
    var parts = [
      Prose.wrapped(
        "\(model.name): \(model.architecture), \(model.layerCount) layers\(parameters), trained for \(model.contextLength.grouped) tokens",
        indent: 2),
      "on \(plan.machine.name)", "", table(),
    ]
    if let index = plan.chosen { parts += ["", chosen(plan.options[index])] }
    for option in plan.options {
      guard let memory = option.memory, let engine = option.engineMemory else { continue }
      parts += ["\(option.quantization):", EngineMemoryComparison(memory, engine).rendered(), ""]
    }
    parts += plan.reasons.map { reason in
      Prose.wrapped("\(reason.message)\(reason.remedy.map { "; \($0)" } ?? "") [\(reason.code)]", indent: 2)
    }
    return parts.joined(separator: "\n")
  }

  private func table() -> String {
    var table = TextTable(
      [
        "", "quantization", "engine", ">bits", ">weights", ">cache", ">state", ">compute", ">overhead", ">total",
        ">at most", ">max context", ">slots", ">loss", ">tok/s", "verdict",
      ], optional: ["state", "overhead", "compute", "slots", "total", "bits", "cache", "loss", "max context"])
    for (index, option) in plan.options.enumerated() { table.add(row(option, isChosen: index == plan.chosen)) }
    return table.rendered()
  }

  private func row(_ option: PlanOption, isChosen: Bool) -> [String] {
    func sum(_ part: (MemoryComponents) -> ByteCount) -> String {
      guard let memory = option.memory else { return "" }
      let total = memory.devices.reduce(ByteCount.zero) { $0 + part($1.components) }
      return total == .zero ? "-" : "\(total)"
    }
    let verdict =
      option.verdict == .fits || option.verdict == .tight
      ? PlanScreen.word(option.verdict) : "\(PlanScreen.word(option.verdict)) [\(option.reason.code)]"
    return [
      isChosen ? ">" : "", option.quantization + (option.hasToBeMade ? " *" : ""), option.engine.rawValue,
      option.bitsPerWeight.map { $0.value.formatted(decimals: 2) } ?? "", sum { $0.weights.value },
      sum { $0.kvCache.value }, sum { $0.recurrentState.value }, sum { $0.compute.value + $0.output.value },
      sum { $0.overhead.value }, option.memory.map { "\($0.expectedBytes)" } ?? "",
      option.memory.map { "\($0.highBytes)" } ?? "",
      option.largestContext.map { PlanScreen.ofEach($0.value, option) } ?? "",
      option.largestParallel.map { $0.value.grouped } ?? "",
      PlanScreen.loss(option),
      // What cannot be run has no speed.
      [.fits, .tight, .thrashes].contains(option.verdict)
        ? (option.speed?.decode(ofEachOf: plan.workload.concurrency) ?? option.speed?.prefill).map {
          $0.expected.formatted(significant: 3)
        } ?? "" : "",
      verdict,
    ]
  }

  private func chosen(_ option: PlanOption) -> String {
    var table = TextTable([
      "\(option.quantization) by device", "part", ">bytes", ">at most", showsSources ? "source" : "",
    ])
    for device in option.memory?.devices ?? [] {
      for part in device.components.all where part.figure.value > .zero {
        let source = showsSources ? part.figure.source.description : ""
        table.add([
          device.name, part.name, "\(part.figure.value)", "\(part.figure.high ?? part.figure.value)", source,
        ])
      }
      let usable = device.usableBytes.map { "\($0.value)" } ?? "unknown"
      table.add([
        device.name, "of usable", usable, "", showsSources ? device.usableBytes?.source.description ?? "" : "",
      ])
    }
    let placing = option.placementReason.map { [Prose.wrapped("Layout: \($0.message) [\($0.code)]", indent: 2)] } ?? []
    let speeds = SpeedSentences(option).lines.map { Prose.wrapped($0, indent: 2) }
    return
      ([table.rendered(), ""] + placing + threads(option) + speeds + offload(option)
      + speed(option) + notes.map { Prose.wrapped($0, indent: 2) }).joined(
        separator: "\n")
  }

  /// How many servers with how many threads, where the processors compute.
  private func threads(_ option: PlanOption) -> [String] {
    var lines: [String] = []
    if option.placement.replicas > 1 {
      lines.append("figures are of each of the \(option.placement.replicas) servers; speeds are of all together")
    }
    if option.placement.devices.isEmpty, let threads = option.threads {
      lines.append("\(threads.words): \(threads.reason.message) [\(threads.reason.code)]")
    }
    return lines
  }

  private func offload(_ option: PlanOption) -> [String] {
    option.expertOffload.map { [ExpertOffloadTable($0).rendered(), ""] } ?? []
  }

  /// What the table's marks mean, where it has any.
  private var notes: [String] {
    var notes: [String] = []
    if plan.options.contains(where: \.hasToBeMade) {
      notes.append(
        plan.model.isQuantized
          ? "* no file in Plimsoll's list; requantizing this one (--allow-requantize) adds to its own loss."
          : PublishedFilesNote.unlisted)
    }
    if plan.options.contains(where: { $0.quality != nil }) {
      notes.append(
        "loss: share of a test's score lost, from figures published for Llamas of 7B and 8B, not this model's; "
          + "~ where nothing was published")
    }
    return notes
  }

  /// Each term of the predicted speed with the figures that it was computed from, and what bounds it.
  private func speed(_ option: PlanOption) -> [String] {
    guard showsSources, let speed = option.speed, !speed.terms.isEmpty else { return [] }
    return [SpeedTerms(speed).rendered(), ""]
  }
}
