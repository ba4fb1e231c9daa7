import Engines
import Hardware
import Models
import Units

/// The one order of a plan's options, by what they are to be best for: `chosen`, the mark in the table, the sentence of
/// `fit` and what is started are its first.
struct Ranking {
  let options: [PlanOption]
  let objective: Objective
  private let request: PlanRequest
  private let model: ModelSummary
  private let ranks: [EngineKind: Double]

  init(_ options: [PlanOption], for request: PlanRequest) {
    self.options = options
    self.request = request
    objective = request.objective ?? Objective(for: request.workload)
    model = ModelSummary(request.model)
    ranks = Dictionary(
      uniqueKeysWithValues: Set(options.map(\.engine)).map { kind in
        (kind, EngineCatalogue.engine(kind).preference(for: request.model, on: request.machine).rank)
      })
  }

  /// Indices of the options that can be used, best first. What would be made of a quantized file without being smaller is
  /// left out.
  func order() -> [Int] {
    let usable = options.indices.filter { isUsable(options[$0]) }
    let least = objective.leastTokensPerSecond / 2
    let isNear = usable.contains { losesLittle(options[$0]) && (missingPace(options[$0]) ?? 0) <= least }
    let groups = Dictionary(grouping: usable) { standing(options[$0], isNear: isNear) }
    var keys: [Int: [Int]] = [:]
    for (standing, members) in groups {
      let fastest = members.compactMap { rate(options[$0]) }.max()
      for index in members { keys[index] = key(options[index], standing, fastest: fastest) }
    }
    return usable.sorted { left, right in
      let (first, second) = (keys[left] ?? [], keys[right] ?? [])
      return first == second ? left < right : second.lexicographicallyPrecedes(first)
    }
  }

  private func isUsable(_ option: PlanOption) -> Bool {
    (option.verdict == .fits || option.verdict == .tight) && !isPointless(option)
      && !(request.isOnAcceleratorsOnly && !(option.isWhole(on: request.machine) && !option.placement.devices.isEmpty))
  }

  /// Why the first is the first; the nearest miss where there is none.
  func reason(of order: [Int]) -> Reason {
    guard let first = order.first else { return nearestMiss() }
    let option = options[first]
    let bits = option.bitsPerWeight.map { " at \($0.value.formatted(decimals: 2)) bits per weight" } ?? ""
    let given = (option.concessions ?? []).map { "; \($0.message)" }.joined()
    return Reason(
      .bestQualityThatFits,
      "\(option.quantization) on \(option.engine.rawValue)\(bits)\(made(option)): \(option.reason.message)\(given)\(pace(option))"
    )
  }

  // MARK: - Keys

  /// Larger is better, the first difference decides.
  ///
  /// - Parameter fastest: the highest rate of those that stand as it does.
  private func key(_ option: PlanOption, _ standing: Standing, fastest: Double?) -> [Int] {
    let loss = -percentLost(option)
    let isThere = isThere(option) ? 1 : 0
    let isWhole = option.isWhole(on: request.machine) ? 1 : 0
    let fits = option.verdict == .fits ? 1 : 0
    let rank = Int((ranks[option.engine] ?? 0) * 10)
    // Of equals the one that can be started now.
    let here = request.enginesHere.map { $0.contains(option.engine) ? 1 : 0 } ?? 0
    let speed = rate(option).flatMap { Self.step($0, below: fastest ?? $0) }
    let bytes = option.tensorBytes?.value.bytes ?? 0
    let place = standing.rawValue
    let waiting = [place, speed ?? .min, loss, isThere, fits, here, rank]
    switch objective.kind {
    case .interactive:
      guard standing.keepsPace else { return waiting }
      // Without a predicted speed what lies wholly on the devices is the faster, and more bits are better.
      guard let speed else { return [place, isWhole, loss, isThere, fits, here, rank, bytes] }
      return [place, 1, loss, isThere, fits, speed, here, rank, bytes]
    case .quality: return [place, loss, isThere, fits, isWhole, bytes, speed ?? .min, here, rank]
    case .speed: return [place, speed ?? .min, isWhole, loss, isThere, fits, here, rank]
    case .throughput:
      guard standing.keepsPace else { return waiting }
      return [place, isWhole, loss, isThere, fits, here, rank, speed ?? .min, bytes]
    case .memory: return [place, -(option.memory?.highBytes.bytes ?? .max), loss, here]
    }
  }

  /// A share of a test's score that few would miss.
  private static let littleLoss = 0.06
  /// One that makes another model of it.
  private static let heavyLoss = 0.15

  /// What weighs more than anything in which two options differ, the worst first.
  private enum Standing: Int, Hashable {
    /// Slow and lossy, or of heavy loss whatever the speed.
    case poor
    /// Loses little, and misses the targets, or is slower than half of what was asked for, as all that lose little are.
    case crawling
    /// Fast enough by losing more than few would miss.
    case lossy
    /// Loses little, and is slower than was asked for.
    case slow
    case good

    /// True where it is as fast as was asked for, so that speed decides little more.
    var keepsPace: Bool { self == .good || self == .lossy }
  }

  /// - Parameter isNear: something that loses little has at least half of the speed that was asked for.
  private func standing(_ option: PlanOption, isNear: Bool) -> Standing {
    let isSlow = missingPace(option) != nil
    let missesTargets = objective.kind == .throughput && !keepsTargets(option)
    guard losesLittle(option) else {
      let isBearable = Double(percentLost(option)) <= Self.heavyLoss * 100 || objective.leastTokensPerSecond == 0
      return isSlow || missesTargets || !isBearable ? .poor : .lossy
    }
    if missesTargets { return .crawling }
    return isSlow ? (isNear ? .slow : .crawling) : .good
  }

  private func losesLittle(_ option: PlanOption) -> Bool { Double(percentLost(option)) <= Self.littleLoss * 100 }

  /// Tokens a second that the objective is about: of all streams for throughput, else of each.
  private func rate(_ option: PlanOption) -> Double? {
    // What generates nothing is as fast as it reads.
    let one = option.speed?.decode(ofEachOf: request.workload.concurrency) ?? option.speed?.prefill
    let rate = objective.kind == .throughput ? option.speed?.decodeAggregate ?? one : one
    return rate.flatMap { $0.expected > 0 ? $0.expected : nil }
  }

  /// How many tenths slower than the fastest, negative: what differs from it by less does not decide.
  private static func step(_ rate: Double, below fastest: Double) -> Int? {
    let tenths = naturalLog(fastest / rate) / naturalLog(1.1)
    return tenths.isFinite && tenths < 1e6 ? -Int(tenths) : nil
  }

  /// The share of a test's score that an option loses: that of the form, and of the file that it would be made of on top;
  /// nil where neither was published nor can be told from the bits.
  ///
  /// Where nothing was published it is what mixes of as many bits lose and a hundredth more, which the source says; below
  /// four bits it is not known.
  func scoreLost(_ option: PlanOption) -> Figure<Double>? {
    let isOriginal = option.origin == .file && option.quantization == model.quantization
    let isSameFloat = request.model.isPublishedInMXFP4 && option.quantization.uppercased().hasPrefix("MXFP4")
    if isSameFloat || (isOriginal && request.model.isPublishedInFewBits) {
      // The bits that a maker trained and published: scores are theirs.
      return Figure(0, .computed, "the form that was published")
    }
    guard let own = Self.scoreLost(option.quality, option.quantization, option.bitsPerWeight?.value) else { return nil }
    guard option.origin == .made, isMadeOfQuantized, let name = model.quantization else { return own }
    let file = options.first { $0.origin == .file && $0.quantization == name }
    guard let source = Self.scoreLost(PublishedQuality.loss(of: name), name, file?.bitsPerWeight?.value) else {
      return nil
    }
    return Figure(
      min(1, own.value + source.value), .computed, "\(own.source.detail); made of \(name): \(source.source.detail)")
  }

  private var isMadeOfQuantized: Bool { model.isQuantized && !request.model.isPublishedInFewBits }

  private static func scoreLost(_ quality: QualityLoss?, _ name: String, _ bits: Double?) -> Figure<Double>? {
    guard let share = PublishedQuality.shareLost(quality, quantization: name, bits: bits) else { return nil }
    if let known = quality?.scoreKept?.source ?? quality?.perplexityIncrease?.source { return Figure(share, known) }
    guard let bits, bits >= 4 else { return nil }
    return Figure(share + 0.01, .assumed, "as mixes of \(bits.formatted(significant: 2)) bits lose, and 1% more")
  }

  /// The loss in whole percent, with a percent for each thing that was given up; tests cannot tell apart what differs by
  /// less. What is not known is not good. Layers on the processor count for two: they slow every prompt, and the next
  /// smaller form, or one with a smaller cache, that lies on the devices is several times as fast.
  private func percentLost(_ option: PlanOption) -> Int {
    let given = (option.concessions?.count ?? 0) + (option.placementReason?.code == .layersOnCPU ? 2 : 0)
    return min(100, (scoreLost(option).map { Int($0.value * 100) } ?? 100) + given)
  }

  /// True for weights that exist: a file, or a form that somebody publishes. A configuration alone has none, so that all
  /// its forms have to be fetched or made.
  private func isThere(_ option: PlanOption) -> Bool {
    (option.origin == .file && model.format != .config) || option.repository != nil
  }

  private func isPointless(_ option: PlanOption) -> Bool {
    guard option.origin == .made, model.isQuantized, let source = model.tensorBytes?.value else { return false }
    return (option.tensorBytes?.value ?? .zero) >= source
  }

  /// True where each request is answered at least as fast as was asked for, or its speed is not known.
  private func meetsPace(_ option: PlanOption) -> Bool { missingPace(option) == nil }

  /// Tokens a second that a request, beside the others, lacks of what was asked for; nil where it lacks none, or its speed is not known.
  func missingPace(_ option: PlanOption) -> Double? {
    guard [.fits, .tight].contains(option.verdict),
      let rate = option.speed?.decode(ofEachOf: request.workload.concurrency)?.expected,
      rate < objective.leastTokensPerSecond
    else { return nil }
    return objective.leastTokensPerSecond - rate
  }

  /// True where an option can be used, loses little, is fast enough and lies on the devices.
  var hasSatisfying: Bool {
    options.contains {
      isUsable($0) && meetsPace($0) && (scoreLost($0)?.value ?? 1) <= Self.littleLoss && $0.isWhole(on: request.machine)
    }
  }

  /// True for what loses little and does not fit, or lies partly in the host's memory.
  func isWorthConceding(_ option: PlanOption) -> Bool {
    guard (scoreLost(option)?.value ?? 1) <= Self.littleLoss else { return false }
    return option.verdict == .doesNotFit || (isUsable(option) && !option.isWhole(on: request.machine))
  }

  private func keepsTargets(_ option: PlanOption) -> Bool {
    guard request.workload.hasTargets else { return true }
    return option.speed?.largestConcurrency.map { $0.value >= request.workload.concurrency } ?? true
  }

  // MARK: - Words

  /// Says of what does not exist that it comes second to making it.
  private func made(_ option: PlanOption) -> String {
    guard option.hasToBeMade else { return "" }
    let source = model.quantization.map { "the \($0) weights" } ?? "the weights"
    return ", to be converted from \(source)"
  }

  private func pace(_ option: PlanOption) -> String {
    guard objective.leastTokensPerSecond > 0, let rate = option.speed?.decode?.expected else { return "" }
    let words = "\(rate.formatted(significant: 2)) tok/s"
    let least = objective.leastTokensPerSecond.formatted(significant: 2)
    return meetsPace(option) ? "; \(words)" : "; \(words), below the \(least) wanted (--min-speed)"
  }

  /// What needs the least memory of what does not fit.
  var smallestMiss: PlanOption? {
    options.filter { $0.verdict == .doesNotFit && $0.memory != nil }
      .min { ($0.memory?.highBytes ?? .zero) < ($1.memory?.highBytes ?? .zero) }
  }

  private func nearestMiss() -> Reason {
    let judged = options.filter { $0.verdict == .doesNotFit && $0.memory != nil }
    if request.isOnAcceleratorsOnly, options.contains(where: { [.fits, .tight].contains($0.verdict) }) {
      return Reason(
        .notOnAccelerators, "nothing fits on the GPUs alone: each quantization would need host memory too",
        remedy: "leave --gpu-only out, or use a smaller model: plimsoll recommend --gpu-only")
    }
    if let pointless = options.first(where: { [.fits, .tight].contains($0.verdict) && isPointless($0) }) {
      return Reason(
        .pointlessRequantization,
        "\(pointless.quantization) would have to be converted from the \(model.quantization ?? "") file, "
          + "and be no smaller and no better",
        remedy: "use the file as it is (--quantizations as-is), or quantize the original weights")
    }
    guard let smallest = smallestMiss else {
      return options.first?.reason ?? ModelForms.missing(for: request)
        ?? Reason(
          .nothingToPlan, "no engine considered loads this model in a requested quantization",
          remedy: "leave --engine or --quantizations out")
    }
    // Nothing is smaller than the smallest: what helps is more memory, or another model.
    let remedy = "plimsoll recommend lists models that fit"
    let isOneForm = Set(judged.map(\.quantization)).count == 1
    // Whatever the form, what is not known has to be stated.
    guard smallest.reason.code != .unknownMemory else { return smallest.reason }
    return Reason(
      smallest.reason.code,
      isOneForm
        ? "\(smallest.quantization) does not fit: \(smallest.reason.message)"
        : "the smallest, \(smallest.quantization), \(smallest.reason.message)",
      remedy: isOneForm ? smallest.reason.remedy ?? remedy : remedy)
  }
}
