import Engines
import Hardware
public import Planning
import Platform
import Units

/// A plan on one screen: what to run and how it does, the options beside it, at most three reasons, the next step.
public struct PlanScreen: Sendable {
  private let plan: Plan
  /// The words after `plimsoll deploy` that start what was planned; nil leaves the next step out.
  private let deployWords: [String]?

  /// Lines of the terminal that the answer has to fit, with the prompt that follows it.
  private static let screenLines = 23
  /// The fewest and the most rows of the table.
  private static let rowCounts = 4...10

  public init(_ plan: Plan, deployWords: [String]? = nil) {
    self.plan = plan
    self.deployWords = deployWords
  }

  public func rendered() -> String {
    let head = [headline, chosen.map(facts)].compactMap { $0 }
    let others = (head + tail(of: plan.options)).map {
      $0.split(separator: "\n", omittingEmptySubsequences: false).count + 1
    }
    // Beside the rows: the titles, and the line that says how many there are more.
    let room = Self.screenLines - others.reduce(0, +) - 2
    let shown = shownOptions(min(max(room, Self.rowCounts.lowerBound), Self.rowCounts.upperBound))
    return (head + [table(shown)] + tail(of: shown.map { plan.options[$0] })).filter { !$0.isEmpty }
      .joined(separator: "\n\n")
  }

  /// What stands below the table: reasons, notes on the marks of the rows that are shown, the next step.
  private func tail(of shown: [PlanOption]) -> [String] {
    let words = (reasons + notes(on: shown)).map { Prose.wrapped($0, indent: 2) }.joined(separator: "\n")
    return [words, nextStep].filter { !$0.isEmpty }
  }

  /// The head of it: what to run and how it does, without the other options, for a command that goes on with it.
  public func brief() -> String {
    ([headline, chosen.map(facts)].compactMap { $0 } + concessions.map { Prose.wrapped($0, indent: 2) })
      .joined(separator: "\n")
  }

  private var chosen: PlanOption? {
    plan.chosen.flatMap { plan.options.indices.contains($0) ? plan.options[$0] : nil }
  }

  private var place: String { "\(printable(plan.model.name)) on \(printable(plan.machine.name))" }

  private var headline: String {
    guard let chosen else {
      let reason = plan.reasons.last?.message ?? "no form of the model was found"
      // A refusal is no matter of size, and more memory would not help.
      let isSize =
        ![.noAppleGPU, .cpuBuild, .unknownMemory].contains(plan.reasons.last?.code)
        && (plan.options.isEmpty || plan.options.contains { $0.verdict == .doesNotFit })
      return Prose.wrapped("\(TextStyle.bad(isSize ? "Nothing fits:" : "Cannot run:")) \(place): \(printable(reason))")
    }
    let made = chosen.hasToBeMade ? " (to be converted)" : ""
    let slow = chosen.missingTokensPerSecond == nil ? "" : " (slow)"
    return Prose.wrapped(
      "\(TextStyle.strong(place)): run \(TextStyle.strong(chosen.quantization + made)) with \(chosen.engine.rawValue)\(slow)"
    )
  }

  // MARK: - The chosen option

  private func facts(_ option: PlanOption) -> String {
    let rows = [
      ("Memory", Self.memory(option)), ("Context", context(option)), ("Speed", speed(option)),
      ("Layout", layout(option)),
    ]
    return rows.compactMap { name, text in
      text.map { Prose.wrapped("\(name)\(String(repeating: " ", count: 9 - name.count))\($0)", indent: 9) }
    }.joined(separator: "\n")
  }

  /// The fullest memory beside what is usable of it, what lies on the host, and the verdict.
  static func memory(_ option: PlanOption) -> String? {
    guard let memory = option.memory else { return nil }
    let verdict = "(\(word(option.verdict)))"
    func of(_ device: DeviceMemory?) -> String { device?.usableBytes.map { " of \($0.value)" } ?? "" }
    func share(_ device: DeviceMemory) -> Double {
      Double(device.highBytes.bytes) / Double(max(1, device.usableBytes?.value.bytes ?? .max))
    }
    let gpus = memory.devices.filter { !$0.isHost }
    let host = memory.devices.first { $0.isHost }
    guard let fullest = gpus.max(by: { share($0) < share($1) }) else {
      return "\(memory.expectedBytes), at most \(memory.highBytes)\(of(host)) \(verdict)"
    }
    let place = gpus.count == 1 ? fullest.name : "the fullest of \(gpus.count) GPUs"
    let beside = host.map { ", \($0.highBytes) on the host" } ?? ""
    return "at most \(fullest.highBytes)\(of(fullest)) on \(place)\(beside) \(verdict)"
  }

  /// Tokens of each request, and how many would fit.
  func context(_ option: PlanOption) -> String {
    let requests = option.parallel == 1 ? "for 1 request" : "for each of \(option.parallel) requests"
    let most = option.largestParallel.map { ", or \(counted($0.value, "request"))" } ?? ""
    let longest = option.largestContext.map { "; fits up to \(Self.ofEach($0.value, option)) tokens\(most)" } ?? ""
    return "\(Self.ofEach(option.contextLength, option)) tokens \(requests)\(longest)"
  }

  /// Tokens of one request, whatever the engine's own number counts.
  static func ofEach(_ tokens: Int, _ option: PlanOption) -> String {
    option.engine.planning.context.ofEach(tokens, slots: option.parallel, isShared: false).grouped
  }

  /// How fast a model reads that writes nothing; nil for one that writes.
  static func reading(_ option: PlanOption) -> String? {
    guard let speed = option.speed, speed.decode == nil else { return nil }
    return speed.prefill.map { "reads \(Int($0.expected).grouped) tok/s" }
  }

  /// How fast each request is answered, and all together.
  func speed(_ option: PlanOption) -> String? {
    guard let speed = option.speed else { return nil }
    if let reading = Self.reading(option) { return reading }
    let requests = plan.workload.concurrency
    // Under a load each request has its share, which is what its reader sees.
    let each = speed.decode(ofEachOf: requests).map {
      requests > 1
        ? "\($0.expected.formatted(significant: 3)) tok/s for each of \(requests) requests" : Self.band($0)
    }
    let all = requests > 1 ? speed.decodeAggregate.map { "\(Self.band($0)) in all" } : nil
    let cached = plan.workload.prefixHit.map { " (\($0.percent) cached)" } ?? ""
    let prompt = plan.workload.inputTokens > 0 ? " of a \(plan.workload.inputTokens.grouped)-token prompt\(cached)" : ""
    let first = speed.timeToFirstToken.map { "first token\(prompt) after \(formattedSeconds($0.expected))" }
    let words = [each, all, first].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  private func layout(_ option: PlanOption) -> String? {
    option.placementReason.map { printable($0.message) }
  }

  // MARK: - The options

  private func table(_ shown: [Int]) -> String {
    guard !shown.isEmpty else { return "" }
    let engines = Set(shown.map { plan.options[$0].engine })
    // Sizes that lie on more GPUs or fewer are not to be compared without saying so.
    let devices = Set(shown.compactMap { Self.deviceCount(plan.options[$0]) })
    var table = TextTable(
      ["", "quantization"] + (engines.count > 1 ? ["engine"] : [])
        + [">memory"] + (devices.count > 1 ? [">GPUs"] : [])
        + [">max context", ">tok/s", ">loss", "verdict"], optional: ["loss"])
    for index in shown {
      let option = plan.options[index]
      var cells = [index == plan.chosen ? ">" : "", option.quantization + (option.hasToBeMade ? " *" : "")]
      if engines.count > 1 { cells.append(option.engine.rawValue) }
      let runs = [.fits, .tight, .thrashes].contains(option.verdict)
      cells.append(option.memory.map { "\($0.highBytes)" } ?? "")
      if devices.count > 1 { cells.append(Self.deviceCount(option).map { "\($0)" } ?? "") }
      cells += [
        option.largestContext.map { Self.ofEach($0.value, option) } ?? "",
        runs ? rate(option)?.formatted(significant: 3) ?? "" : "",
        Self.loss(option),
        Self.word(option.verdict) + Self.marks(option),
      ]
      let isSlow = option.missingTokensPerSecond != nil
      table.add(cells, styles: [cells.count - 1: isSlow ? .doubtful : Self.style(option.verdict)])
    }
    let rest = plan.options.count - shown.count
    return table.rendered() + (rest > 0 ? "\n\(TextStyle.quiet("\(rest) more with --verbose"))" : "")
  }

  /// The accelerators that an option runs on; nil where it does not run, or on none.
  private static func deviceCount(_ option: PlanOption) -> Int? {
    let count = option.placement.devices.count
    return [.fits, .tight].contains(option.verdict) && count > 0 ? count : nil
  }

  /// The chosen option and those next to it, in the plan's order.
  private func shownOptions(_ rows: Int) -> [Int] {
    guard plan.options.count > rows else { return Array(plan.options.indices) }
    let chosen = plan.chosen ?? 0
    let ranked = plan.options.indices.sorted { a, b in
      (rank(a), abs(a - chosen), a) < (rank(b), abs(b - chosen), b)
    }
    return ranked.prefix(rows).sorted()
  }

  private func rank(_ index: Int) -> Int {
    if index == plan.chosen { return 0 }
    let option = plan.options[index]
    if option.origin == .file { return 1 }
    guard option.verdict == .fits || option.verdict == .tight else { return 4 }
    return plan.options.contains { isBetter($0, than: option) } ? 3 : 2
  }

  /// True for what loses less on the same engine without being slower or larger: nobody takes the other.
  private func isBetter(_ one: PlanOption, than other: PlanOption) -> Bool {
    guard one.engine == other.engine, one.verdict == .fits || other.verdict != .fits,
      [.fits, .tight].contains(one.verdict), let lost = one.scoreLost?.value, let otherLost = other.scoreLost?.value,
      let pace = rate(one), let otherPace = rate(other), let bytes = one.memory?.highBytes,
      let otherBytes = other.memory?.highBytes
    else { return false }
    return lost < otherLost && pace >= otherPace && bytes <= otherBytes
  }

  private func rate(_ option: PlanOption) -> Double? {
    (option.speed?.decode(ofEachOf: plan.workload.concurrency) ?? option.speed?.prefill)?.expected
  }

  // MARK: - Words

  private var reasons: [String] {
    let bound = chosen?.speed?.bounds.first.map { printable($0.message) }
    // What the headline, the facts and the table show needs no words, nor do engines that nobody asked for.
    let told = plan.reasons.filter { chosen != nil && !Self.shownOtherwise.contains($0.code) }
    // What makes the answers worthless comes before what makes them slow.
    let grave = chosen == nil ? [] : plan.graveReasons
    let own = (grave + told.filter { !grave.contains($0) }.suffix(2 - grave.count)).map { reason in
      let remedy = reason.remedy.map { " (\(printable($0)))" } ?? ""
      let whole = printable(reason.message) + remedy
      return whole.count <= 150 ? whole : printable(reason.message)
    }
    // That some requests may have to wait, or that the worst case is too large, is more than what limits the speed.
    let tight = chosen.flatMap { $0.verdict == .tight ? [printable($0.reason.message)] : nil } ?? []
    return (tight + (grave.isEmpty ? [bound].compactMap { $0 } : []) + own).prefix(3).map(Self.sentence)
  }

  private func notes(on shown: [PlanOption]) -> [String] {
    var notes: [String] = []
    let isSlow = shown.contains { $0.missingTokensPerSecond != nil }
    if let least = plan.objective?.leastTokensPerSecond, isSlow {
      notes.append(
        "Slow: below \(least.formatted(significant: 2)) tok/s, the minimum for this use (change it with --min-speed).")
    }
    notes += concessions
    notes += copies(among: shown)
    if shown.contains(where: \.hasToBeMade) {
      notes.append(
        plan.model.isQuantized
          ? "* would need requantizing, which adds to the file's own loss."
          : PublishedFilesNote.unlisted)
    }
    return notes
  }

  /// Says of forms that need more memory than larger ones why they do.
  private func copies(among shown: [PlanOption]) -> [String] {
    let heavy = shown.filter { option in
      guard option.engine.planning.copiesWeights, option.placement.devices.isEmpty, let own = option.memory?.highBytes,
        let bytes = option.tensorBytes?.value
      else { return false }
      return shown.contains { other in
        other.engine == option.engine && (other.tensorBytes?.value ?? .zero) > bytes
          && other.memory.map { $0.highBytes < own } ?? false
      }
    }
    guard let engine = heavy.first?.engine else { return [] }
    let names = heavy.map(\.quantization).joined(separator: ", ")
    return ["\(names): more memory than a larger form, as \(engine.rawValue) keeps a second copy for the processor."]
  }

  private var concessions: [String] {
    guard let given = chosen?.concessions, !given.isEmpty else { return [] }
    return ["Changed to fit: \(given.map { printable($0.message) }.joined(separator: "; "))."]
  }

  private var nextStep: String {
    let explain = TextStyle.quiet("--explain shows each figure's source, --verbose the memory by part.")
    if chosen == nil, let remedy = plan.reasons.last?.remedy {
      return Prose.wrapped("Try: \(printable(remedy))", indent: 2) + "\n" + explain
    }
    let missing = chosen.flatMap { MissingEngine($0, of: plan) }.map { TextStyle.doubtful($0.sentence) + "\n" } ?? ""
    guard let deployWords, let chosen, chosen.launch != nil || chosen.repository != nil else {
      return missing + explain
    }
    return "\(missing)Next: plimsoll deploy \(deployWords.map { shellQuoted($0) }.joined(separator: " "))\n\(explain)"
  }

  private static let shownOtherwise: Set<ReasonCode> = [.bestQualityThatFits, .notConsidered, .wrongProcessor]

  /// A key such as `memory.bandwidth` keeps its spelling.
  static func sentence(_ text: String) -> String {
    if text.prefix(while: { $0 != " " }).dropLast().contains(".") { return text.hasSuffix(".") ? text : text + "." }
    let capital = text.prefix(1).uppercased() + text.dropFirst()
    return capital.hasSuffix(".") ? capital : capital + "."
  }

  /// A rate with its band: `115 tok/s (73.5–181)`.
  static func band(_ band: Band) -> String {
    let words = [band.expected, band.low, band.high].map { $0.formatted(significant: 3) }
    return "\(words[0]) tok/s (\(words[1])–\(words[2]))"
  }

  static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .fits: "fits"
    case .tight: "tight"
    case .thrashes: "thrashes"
    case .doesNotFit: "does not fit"
    case .unsupported: "not supported"
    }
  }

  static func style(_ verdict: Verdict) -> TextStyle {
    switch verdict {
    case .fits: .good
    case .tight, .thrashes: .doubtful
    case .doesNotFit, .unsupported: .bad
    }
  }

  /// What a reader has to know of an option beside its verdict: too slow, a smaller cache, less context.
  private static func marks(_ option: PlanOption) -> String {
    (option.missingTokensPerSecond == nil ? "" : ", slow")
      + ((option.concessions ?? []).isEmpty ? "" : ", changed")
  }

  /// The share of a test's score that is lost; about where it was not published.
  static func loss(_ option: PlanOption) -> String {
    guard let lost = option.scoreLost else { return option.quality == nil ? "" : lossOfOldPlans(option.quality) }
    let about = lost.source.kind == .assumed ? "~" : ""
    return about + (lost.value * 100).formatted(decimals: 1) + "%"
  }

  /// Plans that were stored before losses had one unit.
  private static func lossOfOldPlans(_ quality: QualityLoss?) -> String {
    if let increase = quality?.perplexityIncrease { return "+" + increase.value.formatted(decimals: 3) }
    return quality?.scoreKept.map { "-\(((1 - $0.value) * 100).formatted(decimals: 1))%" } ?? ""
  }
}
