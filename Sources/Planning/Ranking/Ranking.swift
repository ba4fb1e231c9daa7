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
    let usable = options.indices.filter {
      (options[$0].verdict == .fits || options[$0].verdict == .tight) && !isPointless(options[$0])
    }
    let keys = Dictionary(uniqueKeysWithValues: usable.map { ($0, key(options[$0])) })
    return usable.sorted { left, right in
      let (first, second) = (keys[left] ?? [], keys[right] ?? [])
      return first == second ? left < right : second.lexicographicallyPrecedes(first)
    }
  }

  /// Why the first is the first; the nearest miss where there is none.
  func reason(of order: [Int]) -> Reason {
    guard let first = order.first else { return nearestMiss() }
    let option = options[first]
    let bits = option.bitsPerWeight.map { " at \($0.value.formatted(decimals: 2)) bits per weight" } ?? ""
    return Reason(
      .bestQualityThatFits,
      "\(option.quantization) on \(option.engine.rawValue)\(bits)\(made(option)): \(option.reason.message)\(pace(option))"
    )
  }

  // MARK: - Keys

  /// Larger is better, the first difference decides.
  private func key(_ option: PlanOption) -> [Int] {
    let loss = -percentLost(option)
    let isGood = loss >= -Self.littleLoss ? 1 : 0
    let isThere = isThere(option) ? 1 : 0
    let isWhole = option.isWhole(on: request.machine) ? 1 : 0
    let fits = option.verdict == .fits ? 1 : 0
    let rank = Int((ranks[option.engine] ?? 0) * 10)
    let speed = Self.step(option.speed?.decode?.expected)
    let bytes = option.tensorBytes?.value.bytes ?? 0
    switch objective.kind {
    case .interactive:
      guard meetsPace(option) else { return [0, isGood, speed ?? 0, loss, isThere, fits, rank] }
      // Without a predicted speed what lies wholly on the devices is the faster, and more bits are better.
      guard let speed else { return [1, isWhole, loss, isThere, fits, rank, bytes] }
      return [1, 1, loss, isThere, fits, speed, rank, bytes]
    case .quality: return [loss, isThere, fits, isWhole, bytes, speed ?? 0, rank]
    case .speed: return [isGood, speed ?? 0, isWhole, loss, isThere, fits, rank]
    case .throughput:
      let all = Self.step((option.speed?.decodeAggregate ?? option.speed?.decode)?.expected)
      return [keepsTargets(option) ? 1 : 0, isWhole, loss, isThere, fits, rank, all ?? 0, bytes]
    case .memory: return [isGood, -(option.memory?.highBytes.bytes ?? .max), loss]
    }
  }

  /// A loss, in percent of a score, that few would notice.
  private static let littleLoss = 6

  /// Speeds in steps of a tenth: what differs by less does not decide.
  private static func step(_ rate: Double?) -> Int? {
    rate.flatMap { $0 > 0 ? Int((naturalLog($0) / naturalLog(1.1)).rounded()) : nil }
  }

  /// The loss of the form in whole percent, that of the file it would be made of on top; tests cannot tell apart what
  /// differs by less, and what is not known is not good.
  private func percentLost(_ option: PlanOption) -> Int {
    let own = PublishedQuality.shareLost(
      option.quality, quantization: option.quantization, bits: option.bitsPerWeight?.value)
    guard let own else { return 100 }
    return Int((own + (option.origin == .made ? sourceLoss : 0)) * 100)
  }

  private var sourceLoss: Double {
    guard model.isQuantized, let name = model.quantization else { return 0 }
    let file = options.first { $0.origin == .file && $0.quantization == name }
    return PublishedQuality.shareLost(
      PublishedQuality.loss(of: name), quantization: name, bits: file?.bitsPerWeight?.value) ?? 0
  }

  /// True for weights that exist: a configuration alone has none, so that all its forms have to be fetched or made.
  private func isThere(_ option: PlanOption) -> Bool { option.origin == .file && model.format != .config }

  private func isPointless(_ option: PlanOption) -> Bool {
    guard option.origin == .made, model.isQuantized, let source = model.tensorBytes?.value else { return false }
    return (option.tensorBytes?.value ?? .zero) >= source
  }

  /// True where one stream is at least as fast as was asked for, or its speed is not known.
  private func meetsPace(_ option: PlanOption) -> Bool {
    option.speed?.decode.map { $0.expected >= objective.leastTokensPerSecond } ?? true
  }

  private func keepsTargets(_ option: PlanOption) -> Bool {
    guard request.workload.hasTargets else { return true }
    return option.speed?.largestConcurrency.map { $0.value >= request.workload.concurrency } ?? true
  }

  // MARK: - Words

  /// Says of what does not exist that it comes second to making it.
  private func made(_ option: PlanOption) -> String {
    guard option.origin == .made else { return "" }
    let source = model.quantization.map { "the \($0) weights" } ?? "the weights"
    return ", which would first have to be made of \(source)"
  }

  private func pace(_ option: PlanOption) -> String {
    guard objective.kind == .interactive, let rate = option.speed?.decode?.expected else { return "" }
    let words = "\(rate.formatted(significant: 2)) tokens/s"
    return meetsPace(option)
      ? "; \(words)"
      : "; \(words), below the \(objective.leastTokensPerSecond.formatted(significant: 2)) that a reader wants"
  }

  private func nearestMiss() -> Reason {
    let judged = options.filter { $0.verdict == .doesNotFit && $0.memory != nil }
    if let pointless = options.first(where: { [.fits, .tight].contains($0.verdict) && isPointless($0) }) {
      return Reason(
        .pointlessRequantization,
        "\(pointless.quantization) would first have to be made of the \(model.quantization ?? "") file, "
          + "and be no smaller and no better",
        remedy: "take the file as it is (--quantizations as-is), or quantize the original weights")
    }
    guard let smallest = judged.min(by: { ($0.memory?.highBytes ?? .zero) < ($1.memory?.highBytes ?? .zero) }) else {
      return options.first?.reason ?? ModelForms.missing(for: request)
        ?? Reason(
          .nothingToPlan, "no engine that was considered loads any form of this model that was asked for",
          remedy: "leave --engine or --quantizations out")
    }
    return Reason(
      smallest.reason.code, "nothing fits; the smallest is \(smallest.quantization): \(smallest.reason.message)",
      remedy: smallest.reason.remedy)
  }
}
