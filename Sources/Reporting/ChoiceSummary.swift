public import Planning
import Engines
import Platform
import Units

/// The choice of an engine for a terminal: each with its place and the reasons, the chosen one first.
public struct ChoiceSummary: Sendable {
  private let choice: EngineChoice
  private let explains: Bool

  public init(_ choice: EngineChoice, explains: Bool = false) {
    self.choice = choice
    self.explains = explains
  }

  public func rendered() -> String {
    var table = TextTable(["engine", "layout", ">tok/s", "why"])
    for candidate in shown { add(candidate, to: &table) }
    var parts = [headline, table.rendered()]
    let lines = chosenLines
    if !lines.isEmpty { parts.append(lines.joined(separator: "\n")) }
    if !explains { parts.append(TextStyle.quiet("--explain shows every reason and each term of the speed.")) }
    return parts.joined(separator: "\n\n")
  }

  /// The engines of the table: without one that other processors are needed for, which says nothing about the model.
  private var shown: [EngineChoice.Candidate] {
    let fitting = choice.candidates.filter { $0.refusal?.code != .wrongProcessor }
    return explains || fitting.isEmpty ? choice.candidates : fitting
  }

  private var headline: String {
    let place = "\(printable(choice.model)) on \(printable(choice.machine))"
    guard let chosen = choice.chosen else {
      return Prose.wrapped("\(TextStyle.bad("No engine can run it:")) \(place)")
    }
    let layout = chosen.placing.map { ", \($0.words)" } ?? ""
    let requests = choice.concurrency ?? 1
    let share = requests > 1 ? " for each of \(requests.grouped) requests" : ""
    let speed =
      chosen.speed?.decode(ofEachOf: requests).map { ", \($0.expected.formatted(significant: 3)) tok/s\(share)" } ?? ""
    let engine = TextStyle.strong("\(chosen.engine.rawValue) with \(printable(choice.quantization))")
    return Prose.wrapped("\(TextStyle.strong(place)): \(engine)\(layout)\(speed)")
  }

  private func add(_ candidate: EngineChoice.Candidate, to table: inout TextTable) {
    if let refusal = candidate.refusal {
      let code = explains ? " [\(refusal.code)]" : ""
      return table.add([candidate.engine.rawValue, "refused", "", refusal.message + code], styles: [1: .bad])
    }
    // An encoder has a speed, though it generates no tokens.
    let decode =
      candidate.speed?.decode(ofEachOf: choice.concurrency ?? 1).map { $0.expected.formatted(significant: 3) }
      ?? (candidate.speed?.prefill == nil ? "unknown" : "none")
    for (position, reason) in (explains ? candidate.reasons[...] : candidate.reasons.prefix(1)).enumerated() {
      let first = position == 0
      table.add([
        first ? candidate.engine.rawValue : "", first ? candidate.placing?.words ?? "" : "", first ? decode : "",
        explains ? "\(reason.message) [\(reason.code)]" : reason.message,
      ])
    }
  }

  /// What the chosen engine is started with beside its place, and what it would do.
  private var chosenLines: [String] {
    guard let chosen = choice.chosen else { return [] }
    var lines: [String] = []
    if chosen.placing?.placement.devices.isEmpty == true, let threads = chosen.threads {
      lines.append(Prose.wrapped("\(threads.words): \(threads.reason.message)", indent: 2))
    }
    let bindings = chosen.bindings.enumerated().filter { !chosen.bindings[..<$0.offset].contains($0.element) }
    if !bindings.isEmpty {
      lines.append(Prose.wrapped("Started with \(bindings.map(\.element).joined(separator: "; "))", indent: 2))
    }
    if let most = chosen.speed?.largestConcurrency {
      let count = most.value == 0 ? "Not even one request keeps" : "\(counted(most.value, "request")) at once keep"
      lines.append(Prose.wrapped("\(count) the targets (\(most.source.detail))", indent: 2))
    }
    if let rows = chosen.placing?.expertOffload { lines += ["", ExpertOffloadTable(rows).rendered()] }
    guard explains, let speed = chosen.speed, !speed.terms.isEmpty else { return lines }
    return lines + ["", SpeedTerms(speed).rendered()]
  }
}

/// Each term of a predicted speed with the figures that it was computed from.
struct SpeedTerms: Sendable {
  let speed: SpeedPrediction

  init(_ speed: SpeedPrediction) { self.speed = speed }

  func rendered() -> String {
    var table = TextTable(["speed", ">time", "from"])
    for term in speed.terms where term.seconds > 0 {
      table.add([term.name, formattedSeconds(term.seconds), term.formula])
    }
    for (name, band) in [("decode", speed.decode), ("prefill", speed.prefill), ("all streams", speed.decodeAggregate)] {
      guard let band else { continue }
      let words = [band.low, band.expected, band.high].map { $0.formatted(significant: 3) }
      table.add([name, "", "\(words[1]) tok/s (\(words[0])–\(words[2])); \(band.source?.detail ?? "")"])
    }
    return table.rendered()
  }
}
