import Engines
import Hardware
import Units

/// Ranks the options of a plan: one order for what is deployed and for what is recommended.
struct OptionChoice {
  private let options: [PlanOption]
  private let machine: Machine
  private let model: ModelSummary

  init(_ options: [PlanOption], machine: Machine, model: ModelSummary) {
    self.options = options
    self.machine = machine
    self.model = model
  }

  /// Returns the index of the best option and why, a file before what would have to be made; nil with the nearest miss
  /// where nothing fits.
  func best() -> (chosen: Int?, reasons: [Reason]) {
    let ranked = ranking()
    guard let chosen = ranked.first(where: { options[$0].origin == .file }) ?? ranked.first else {
      return (nil, [nearestMiss()])
    }
    let option = options[chosen]
    let bits = option.bitsPerWeight.map { " at \($0.value.formatted(decimals: 2)) bits per weight" } ?? ""
    return (
      chosen,
      [
        Reason(
          .bestQualityThatFits,
          "\(option.quantization) on \(option.engine.rawValue)\(bits)\(made(option)): \(option.reason.message)")
      ]
    )
  }

  /// Says of what does not exist that it comes second to making it.
  private func made(_ option: PlanOption) -> String {
    guard option.origin == .made else { return "" }
    let source = model.quantization.map { "the \($0) weights" } ?? "the weights"
    return ", which would first have to be made of \(source)"
  }

  /// Indices of the options that can be used, best first; see `Plan.ranking`.
  func ranking() -> [Int] {
    let usable = options.indices.filter {
      (options[$0].verdict == .fits || options[$0].verdict == .tight) && !isPointless(options[$0])
    }
    return usable.sorted { left, right in
      let (first, second) = (rank(options[left]), rank(options[right]))
      return first == second ? left < right : second.lexicographicallyPrecedes(first)
    }
  }

  private func isPointless(_ option: PlanOption) -> Bool {
    guard option.origin == .made, model.isQuantized, let source = model.tensorBytes?.value else { return false }
    return (option.tensorBytes?.value ?? .zero) >= source
  }

  private func rank(_ option: PlanOption) -> [Int] {
    let isWhole =
      machine.accelerators.isEmpty
      || (!option.placement.devices.isEmpty && option.placement.gpuLayers == nil
        && option.placementReason?.code != .expertsOnCPU)
    // The column on losses and the choice say the same: a form that loses more is no better for having more bits.
    let lost = PublishedQuality.percentLost(
      option.quality, quantization: option.quantization, bits: option.bitsPerWeight?.value)
    return [
      isWhole ? 1 : 0, option.verdict == .fits ? 1 : 0, -(lost ?? 100), option.tensorBytes?.value.bytes ?? 0,
    ]
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
      return options.first?.reason
        ?? Reason(
          .nothingToPlan, "no engine that was considered loads any form of this model that was asked for",
          remedy: "leave --engine or --quantizations out")
    }
    return Reason(
      smallest.reason.code, "nothing fits; the smallest is \(smallest.quantization): \(smallest.reason.message)",
      remedy: smallest.reason.remedy)
  }
}

extension Plan {
  /// Indices of the options that can be used, best first, whether they exist or would have to be made.
  ///
  /// What lies wholly on the devices comes before what is spread over them and the host, then what has room to spare,
  /// then what loses less of the quality, in whole percent, then what keeps more bits of each weight. What would be made of a quantized file without being smaller is left out.
  public func ranking() -> [Int] { OptionChoice(options, machine: machine, model: model).ranking() }
}
