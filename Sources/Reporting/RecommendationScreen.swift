import Engines
import Hardware
import Models
import Planning
import Platform
import Units

/// The list of `recommend` on one screen, and how to start its first.
public struct RecommendationScreen: Sendable {
  private let document: RecommendationDocument
  private let explains: Bool
  /// The words of the command that narrow it, for the next step on another machine.
  private let isThisMachine: Bool

  public init(_ document: RecommendationDocument, explains: Bool = false, isThisMachine: Bool = true) {
    self.document = document
    self.explains = explains
    self.isThisMachine = isThisMachine
  }

  public func rendered() -> String {
    let machine = printable(document.machine)
    guard let best = document.models.first else {
      return Prose.wrapped(
        "\(TextStyle.bad("No model of the catalogue")) for \(document.use.rawValue) fits \(machine) and these filters.")
    }
    var parts = [headline(best, machine), table()]
    let words = notes
    if !words.isEmpty { parts.append(words.map { Prose.wrapped($0, indent: 2) }.joined(separator: "\n")) }
    if explains { parts.append(explanation()) }
    parts.append(next(best))
    return parts.joined(separator: "\n\n")
  }

  private func headline(_ best: Recommendation, _ machine: String) -> String {
    let least = document.objective.leastTokensPerSecond
    let floor = least > 0 ? " at \(least.grouped) tok/s or more" : ""
    let slow =
      best.missingTokensPerSecond == nil ? "" : TextStyle.doubtful(" No model is that fast; the fastest first.")
    return Prose.wrapped(
      "Best for \(document.use.rawValue) on \(machine)\(floor): \(TextStyle.strong(best.name)).\(slow)")
  }

  /// The engine of most rows, which the note below the table names.
  private var usualEngine: EngineKind? {
    let counts = Dictionary(grouping: document.models, by: \.engine).mapValues(\.count)
    return counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
  }

  private func table() -> String {
    let usual = usualEngine
    var table = TextTable([
      "", "model", "form", document.use == .embedding ? ">read tok/s" : ">tok/s", ">ctx", ">GiB",
      ">quality", "license",
    ])
    for (index, row) in document.models.enumerated() {
      let form = row.quantization + (row.engine == usual ? "" : " \(row.engine.rawValue)") + marks(row)
      let styles: [Int: TextStyle] = row.standing == .good ? [:] : [row.standing == .slow ? 3 : 2: .doubtful]
      table.add(
        [
          "\(index + 1)", row.name + (row.isHere ? " ↓" : ""), form,
          row.tokensPerSecond.map { Self.rate($0.expected) } ?? "",
          row.contextLength.map(Self.short) ?? "", row.memoryHighBytes.map { Self.gibibytes($0) } ?? "",
          (row.quality.isEstimated ? "~" : "") + row.quality.index.formatted(decimals: 0),
          Self.short(row.license) + (row.isGated == true ? "†" : ""),
        ], styles: styles)
    }
    return table.rendered()
  }

  private func marks(_ row: Recommendation) -> String {
    (row.standing == .lossy ? "!" : row.standing == .cramped ? "°" : "")
      + ((row.concessions ?? []).isEmpty ? "" : "+")
      + (row.source == nil ? "*" : "")
  }

  private var notes: [String] {
    let rows = document.models
    var first = usualEngine.map { "Engine: \($0.rawValue) unless another is named. " } ?? ""
    let missing = EngineKind.allCases.filter { kind in
      document.enginesHere.map { !$0.contains(kind) } == true && kind != rows.first?.engine
        && rows.contains { $0.engine == kind }
    }
    if !missing.isEmpty {
      first += TextStyle.doubtful("Not installed here: \(missing.map(\.rawValue).joined(separator: ", ")). ")
    }
    first += "Quality: published scores, 0 to 100"
    first += rows.contains(where: \.quality.isEstimated) ? "; ~ estimated from size and date." : "."
    var marks: [String] = []
    if rows.contains(where: { $0.standing == .lossy }) { marks.append("! loses much to few bits") }
    if rows.contains(where: { $0.standing == .cramped }) {
      marks.append("° cramped: short context, or little memory left for the system")
    }
    if let changed = rows.lazy.compactMap({ $0.concessions?.first }).first {
      marks.append("+ \(printable(changed.message))")
    }
    if rows.contains(where: { $0.source == nil }) { marks.append("* no file in Plimsoll's list") }
    if rows.contains(where: \.isHere) { marks.append("↓ in the Hub's cache") }
    if rows.contains(where: { $0.isGated == true }) { marks.append("† gated on the Hub") }
    let left = document.leftOut
    let rest =
      explains ? nil : "\(left.belowTheList) more rank lower (--limit); \(left.doNotFit) do not fit (--explain)."
    if let online = document.online {
      let listed = online.found.count { name in rows.contains { $0.repository == name } }
      let what =
        online.found.isEmpty
        ? "The Hub has no newer model of these families"
        : "\(counted(online.found.count, "newer model")) on the Hub, \(listed) of them listed (hf:), without scores"
      let cause = online.incomplete.map { "\(printable($0.message)) [\($0.code)]" }
      let isUnasked = online.found.isEmpty && cause != nil
      marks.append(
        isUnasked ? "the Hub could not be asked: \(cause ?? "")" : what + (cause.map { ", not all: \($0)" } ?? ""))
    }
    return [first, marks.isEmpty ? nil : marks.joined(separator: "; ") + ".", rest].compactMap { $0 }
  }

  private func next(_ best: Recommendation) -> String {
    let use = document.use == .chat ? "" : " --for \(document.use.rawValue)"
    guard isThisMachine else { return "Details: plimsoll fit \(best.name)\(use) --on \(shellQuoted(document.machine))" }
    let isMissing = document.enginesHere.map { !$0.contains(best.engine) } ?? false
    let install = isMissing ? MissingEngine(best.engine.rawValue).sentence + "\n" : ""
    return install
      + Prose.wrapped(
        "Next: plimsoll run \(best.name) (measures it)\n      plimsoll deploy \(best.name)\(use) (then plimsoll chat)")
  }

  // MARK: - Why

  private func explanation() -> String {
    let weights = document.weights
    func percent(_ share: Double) -> String { "\((share * 100).formatted(decimals: 0))%" }
    var table = TextTable(
      ["model", ">score", ">quality", ">speed", ">context", ">fit", "published"], optional: ["fit"])
    for row in document.models {
      let parts = [row.parts.quality, row.parts.speed, row.parts.context, row.parts.fit].map {
        $0.formatted(decimals: 2)
      }
      table.add([row.name, row.score.formatted(decimals: 1)] + parts + [sources(row.quality)])
    }
    let left = document.leftOut
    let lines = [
      "Score = \(percent(weights.quality)) quality after quantization, \(percent(weights.speed)) speed above the "
        + "minimum, \(percent(weights.context)) context, \(percent(weights.fit)) memory to spare.",
      "Quality: each score is the model's ability plus the test's ease, fitted over the whole catalogue.",
      "Of \(document.total) models \(left.filtered) are for other uses or filtered out, \(left.doNotFit) do not fit, "
        + "\(left.unknownShape) have no known dimensions, \(left.belowTheList) rank lower.",
    ]
    return table.rendered() + "\n\n" + lines.map { Prose.wrapped($0, indent: 2) }.joined(separator: "\n")
  }

  private func sources(_ quality: PublishedQualityOfModel) -> String {
    guard let first = quality.scores.first else { return "none: estimated" }
    let date = quality.latest.map { " (\($0))" } ?? ""
    let rest = quality.scores.count > 1 ? " and \(quality.scores.count - 1) more" : ""
    return "\(first.benchmark) \(first.score.formatted(decimals: 1))\(rest)\(date)"
  }

  // MARK: - Words

  /// Two digits: a prediction is no more exact.
  private static func rate(_ rate: Double) -> String {
    guard rate >= 1000 else { return rate.formatted(significant: 2) }
    return "\((rate / 1000).formatted(significant: 2))K"
  }

  private static func gibibytes(_ bytes: ByteCount) -> String {
    (Double(bytes.bytes) / Double(1 << 30)).formatted(significant: 3)
  }

  /// `32K` for 32,768.
  static func short(_ tokens: Int) -> String { tokens >= 1024 ? "\(tokens / 1024)K" : "\(tokens)" }

  /// A license in ten characters: `Apache-2.0`, `Llama 3.1`, `NVIDIA own`.
  static func short(_ license: String?) -> String {
    guard let license else { return "unknown" }
    if license.contains("://") { return "own" }
    let short = license.replacing(" Community License", with: "").replacing(" Terms of Use", with: "")
      .replacing(" License", with: "")
    guard short.count > 10 else { return short }
    // What most ask of a license that is of one maker alone is whether it forbids to earn money.
    let words = license.split { !($0.isLetter || $0.isNumber) }
    let first = words.first.map { String($0.prefix(7)) } ?? ""
    return words.contains("NC") || words.contains("Research") ? "\(first) NC" : "\(first) own"
  }
}

extension RecommendationDocument {
  /// The list as CSV, one line for each model.
  public func csv() -> String {
    let titles = [
      "rank", "name", "repository", "maker", "license", "released", "parameters", "active_parameters", "quantization",
      "engine", "tokens_per_second", "context", "memory_bytes", "quality", "quality_estimated", "score_lost", "score",
    ]
    return csvLine(titles)
      + models.enumerated().map { index, row in
        csvLine([
          "\(index + 1)", row.name, row.repository, row.maker, row.license ?? "", row.released ?? "",
          "\(row.parameters)", "\(row.activeParameters)", row.quantization, row.engine.rawValue,
          row.tokensPerSecond.map { $0.expected.formatted(significant: 3) } ?? "",
          row.contextLength.map { "\($0)" } ?? "", row.memoryHighBytes.map { "\($0.bytes)" } ?? "",
          "\(row.quality.index)", "\(row.quality.isEstimated)", row.scoreLost.map { "\($0.value)" } ?? "",
          row.score.formatted(decimals: 2),
        ])
      }.joined()
  }
}
