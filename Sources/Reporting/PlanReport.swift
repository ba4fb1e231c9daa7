import Engines
import Hardware
import Models
public import Planning
import Units

extension RunReport {
  /// Lays out a plan for whoever decides: what to run, how it does, every quantization beside it, what it rests on.
  ///
  /// - Parameter createdAt: seconds since 1970.
  public init(_ plan: Plan, createdAt: Double) {
    let layout = PlanLayout(plan: plan)
    self.init(
      title: "Plan for \(plan.model.name) on \(plan.machine.name)", summary: layout.summary, createdAt: createdAt,
      sections: [layout.choice, layout.options, layout.bounds, layout.engines, layout.sources].compactMap { $0 },
      runs: [])
    keyFigures = layout.keyFigures
  }
}

private struct PlanLayout {
  let plan: Plan

  private var chosen: PlanOption? {
    plan.chosen.flatMap { plan.options.indices.contains($0) ? plan.options[$0] : nil }
  }

  var summary: String {
    guard let chosen else { return "Nothing fits: \(plan.reasons.last?.message ?? "no quantization was found")." }
    let made = chosen.hasToBeMade ? " (to be converted first)" : ""
    return "Run \(chosen.quantization)\(made) with \(chosen.engine.rawValue)."
  }

  var keyFigures: [KeyFigure] {
    guard let chosen else { return [] }
    return [
      chosen.speed?.decode.map { KeyFigure("one stream", ReportUnit.tokensPerSecond.text($0.expected)) }
        ?? chosen.speed?.prefill.map { KeyFigure("read", ReportUnit.tokensPerSecond.text($0.expected)) },
      chosen.memory.map { KeyFigure("memory at most", "\($0.highBytes)") },
      chosen.largestContext.map { KeyFigure("tokens of context fit", PlanScreen.ofEach($0.value, chosen)) },
    ].compactMap { $0 }
  }

  // MARK: - The answer

  var choice: ReportSection {
    var section = ReportSection("choice", "What to run")
    guard let chosen else {
      section.notices = [Notice(.bad, plan.reasons.last?.message ?? "no quantization was found")]
      return section
    }
    let isSlow = chosen.missingTokensPerSecond != nil
    let verdict = PlanScreen.word(chosen.verdict) + (isSlow ? ", but slow for this use" : "")
    section.notices = [
      Notice(
        chosen.verdict == .fits && !isSlow ? .good : .doubtful,
        "\(chosen.quantization) with \(chosen.engine.rawValue): \(verdict)")
    ]
    let rows: [(String, String?)] = [
      ("memory", PlanScreen.memory(chosen)),
      ("context of one request", "\(PlanScreen.ofEach(chosen.contextLength, chosen)) tokens"),
      ("requests at once", "\(chosen.parallel)"), ("one stream", text(chosen.speed?.decode, .tokensPerSecond)),
      ("all streams", chosen.parallel > 1 ? text(chosen.speed?.decodeAggregate, .tokensPerSecond) : nil),
      ("prefill", text(chosen.speed?.prefill, .tokensPerSecond)),
      ("time to first token", text(chosen.speed?.timeToFirstToken, .seconds)),
      ("time per output token", text(chosen.speed?.timePerOutputToken, .seconds)),
      ("layout", chosen.placementReason?.message), ("quality lost", PlanScreen.loss(chosen)),
      ("published at", chosen.repository.map { "hf:\($0)" }),
    ]
    section.tables = [
      ReportTable(
        "The chosen option", [.text("Figure"), .text("Value")],
        rows.compactMap { name, words in words.flatMap { $0.isEmpty ? nil : [.text(name), .text($0)] } })
    ]
    if let launch = chosen.launch {
      section.paragraphs = ["Command: \(launch.command)"]
    }
    return section
  }

  private func text(_ band: Band?, _ unit: ReportUnit) -> String? { band.map { ReportFigure($0, unit).text } }

  // MARK: - The others

  /// Options that the picture has room for, in the plan's order.
  private var drawn: [PlanOption] {
    Array(plan.options.filter { $0.memory != nil }.prefix(10))
  }

  var options: ReportSection? {
    guard !plan.options.isEmpty else { return nil }
    var section = ReportSection("options", "Every quantization")
    let bars = drawn.map { option in
      StackChart.Bar(
        name: "\(option.quantization), \(option.engine.rawValue)", parts: parts(of: option))
    }
    if !bars.isEmpty {
      section.charts = [
        .stack(
          StackChart(
            title: "Memory by component, expected",
            summary: "Expected bytes on all devices; the table has the upper end of each.",
            unit: .bytes, bars: bars))
      ]
    }
    let rows = plan.options.map { option -> [ReportCell] in
      let runs = [.fits, .tight, .thrashes].contains(option.verdict)
      return [
        .text(option.quantization + (option.hasToBeMade ? " *" : "")), .text(option.engine.rawValue),
        option.memory.map { .figure(ReportFigure(Double($0.highBytes.bytes), .bytes, "computed: upper end")) }
          ?? .missing("not known"),
        .text(option.largestContext.map { PlanScreen.ofEach($0.value, option) } ?? ""),
        runs
          ? (option.speed?.decode ?? option.speed?.prefill).map { .figure(ReportFigure($0, .tokensPerSecond)) }
            ?? .missing("not known")
          : .text(""),
        .text(PlanScreen.loss(option)), .text(PlanScreen.word(option.verdict)),
      ]
    }
    section.tables = [
      ReportTable(
        "All options; memory is the upper end of the estimate",
        [
          .text("Quantization"), .text("Engine"), .number("Memory at most"), .number("Largest context"),
          .number("One stream (80% band)"), .number("Loss"), .text("Verdict"),
        ], rows)
    ]
    if plan.options.contains(where: \.hasToBeMade) {
      section.paragraphs = [PublishedFilesNote.unlisted]
    }
    return section
  }

  /// The parts of an option's memory over all devices, by name.
  private func parts(of option: PlanOption) -> [StackChart.Part] {
    var sums: [StackChart.Part] = []
    for (name, figure) in (option.memory?.devices ?? []).flatMap(\.components.all) where figure.value > .zero {
      let bytes = Double(figure.value.bytes)
      if let known = sums.firstIndex(where: { $0.name == name }) {
        sums[known].value += bytes
      } else {
        sums.append(StackChart.Part(name: name, value: bytes))
      }
    }
    return sums
  }

  // MARK: - Why

  var bounds: ReportSection? {
    let bounds = chosen?.speed?.bounds ?? []
    let reasons = plan.reasons.filter { _ in chosen != nil }
    guard !bounds.isEmpty || !reasons.isEmpty else { return nil }
    var section = ReportSection("bounds", "What limits it")
    section.tables = [
      ReportTable(
        "Limits and remarks", [.text("What"), .text("What would help")],
        (bounds + reasons).map { [.text($0.message), .text($0.remedy ?? "")] })
    ]
    return section
  }

  var engines: ReportSection? {
    let refused = plan.options.filter { [.doesNotFit, .unsupported].contains($0.verdict) }
    guard !refused.isEmpty else { return nil }
    var section = ReportSection("refused", "What does not run, and why")
    section.isFolded = true
    section.tables = [
      ReportTable(
        "Refused options", [.text("Quantization"), .text("Engine"), .text("Why"), .text("What would help")],
        refused.map {
          [.text($0.quantization), .text($0.engine.rawValue), .text($0.reason.message), .text($0.reason.remedy ?? "")]
        })
    ]
    return section
  }

  var sources: ReportSection? {
    guard let memory = chosen?.memory else { return nil }
    var section = ReportSection("sources", "Where the figures come from")
    section.isFolded = true
    var rows = memory.devices.flatMap { device in
      device.components.all.map { name, figure -> [ReportCell] in
        [.text("\(device.name), \(name)"), .figure(ReportFigure(figure)), .text("\(figure.source)")]
      }
    }
    rows += memory.devices.compactMap { device in
      device.usableBytes.map { [.text("\(device.name), usable"), .figure(ReportFigure($0)), .text("\($0.source)")] }
    }
    if let decode = chosen?.speed?.decode {
      rows.append([
        .text("one stream"), .figure(ReportFigure(decode, .tokensPerSecond)),
        .text(decode.source.map { "\($0)" } ?? "speed model"),
      ])
    }
    section.tables = [
      ReportTable(
        "Memory and speed of the chosen option", [.text("What"), .number("Amount (band)"), .text("Source")], rows)
    ]
    return section
  }
}
