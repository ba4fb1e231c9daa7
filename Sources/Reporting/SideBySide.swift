import Benchmarking
import Hardware
import Planning
import Platform
import Records
import Units

/// Two runs that cannot be compared, as they did not do the same work or one is not valid: their figures beside each other,
/// and neither called faster.
struct SideBySide: Sendable {
  private let baseline: Run
  private let run: Run
  private let causes: [String]
  /// The runs whose figures are not valid, with the reasons.
  private let invalid: [String]

  /// Nil where the runs are alike enough to be compared: another quantization of one model is.
  init?(_ run: Run, _ baseline: Run, _ verdicts: [ComparisonVerdict]) {
    var causes: [String] = []
    let isDecided = verdicts.contains { $0.outcome != .undecided }
    invalid = isDecided ? [] : [baseline, run].filter { !$0.validity.ok || $0.status != .complete }.map(Self.described)
    if let a = run.model, let b = baseline.model, !Self.isOneModel(a, b) { causes.append("different models") }
    if verdicts.contains(where: { $0.reasons.contains { $0.code == .workloadDiffers } }) {
      causes.append("different lengths or texts")
    }
    guard !causes.isEmpty || !invalid.isEmpty else { return nil }
    (self.run, self.baseline, self.causes) = (run, baseline, causes)
  }

  /// True for one model in whatever file: facts tell, and the name where they are missing.
  private static func isOneModel(_ a: ModelSummary, _ b: ModelSummary) -> Bool {
    if let digest = a.headerDigest, digest == b.headerDigest { return true }
    if let own = a.parameters?.value, let other = b.parameters?.value, own > 0, other > 0 {
      // Converters drop or tie some tensors.
      let isNear = abs(Double(own) / Double(other) - 1) < 0.02
      return isNear && a.layerCount == b.layerCount
    }
    func key(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
    return key(a.name) == key(b.name)
  }

  /// A run that is not valid, and why: `run X (too-many-errors)`.
  private static func described(_ run: Run) -> String {
    let codes = run.validity.invalid.map(\.code.rawValue)
    let why = run.status == .complete ? codes.joined(separator: ", ") : run.status.rawValue
    return "run \(run.id) is not valid" + (why.isEmpty ? "" : " (\(why))")
  }

  var sentence: String {
    guard invalid.isEmpty else { return "No verdict: \(invalid.joined(separator: ", and ")). Measure again." }
    return "Not the same work (\(causes.joined(separator: ", "))): neither is called faster."
  }

  func rendered() -> String {
    let names = "A  \(printable(baseline.id))\nB  \(printable(run.id))"
    return [Prose.wrapped(TextStyle.doubtful(printable(sentence)), indent: 2), names, table()].joined(separator: "\n\n")
      + "\n"
  }

  private func table() -> String {
    var table = TextTable(["", ">A", ">B"])
    func add(_ name: String, _ text: (Run) -> String?) {
      let cells = [baseline, run].map(text)
      if cells.contains(where: { $0 != nil }) { table.add([name] + cells.map { printable($0 ?? "-") }) }
    }
    add("model") { [$0.model?.name ?? $0.target, $0.model?.quantization].compactMap { $0 }.joined(separator: " ") }
    add("parameters") { $0.model?.parameters.map { Self.short($0.value) } }
    add("weights") { $0.model?.tensorBytes.map { "\($0.value)" } }
    add("served by") { run in
      run.engine.map { "\($0)\(run.machine.map { " on \($0.name)" } ?? "")" } ?? run.machine?.name
    }
    add("mean tokens") { run in
      let parts = [
        Self.mean(run.summary.inputTokens, of: run.summary).map { "\($0) in" },
        Self.mean(run.summary.outputTokens, of: run.summary).map { "\($0) out" },
      ].compactMap { $0 }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
    for stage in baseline.stages.map(\.name) + run.stages.map(\.name).filter(isNew) {
      func summary(_ run: Run) -> RunSummary? { run.stages.first { $0.name == stage }?.summary }
      add("\(printable(stage)), tok/s") { summary($0)?.outputTokensPerSecond?.formatted(significant: 3) }
      add("  TTFT p50") { summary($0)?.timeToFirstToken.p50.map(formattedSeconds) }
      add("  TPOT p50") { summary($0)?.timePerOutputToken.p50.map(formattedSeconds) }
    }
    return table.rendered()
  }

  private static func mean(_ tokens: Int?, of summary: RunSummary) -> String? {
    guard let tokens, summary.completed > 0 else { return nil }
    return (Double(tokens) / Double(summary.completed)).formatted(decimals: 0)
  }

  /// Parameters as models are named by them: `8.19B`, `135M`.
  private static func short(_ parameters: Int) -> String {
    let amount = Double(parameters)
    return amount >= 1e9
      ? "\((amount / 1e9).formatted(significant: 3))B" : "\((amount / 1e6).formatted(significant: 3))M"
  }

  private func isNew(_ stage: String) -> Bool { !baseline.stages.contains { $0.name == stage } }
}
