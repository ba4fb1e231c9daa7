extension SpeedCase {
  /// The effects of a quantity for engines that schedule batches, and of the load on any server.
  ///
  /// Deviations are kept small: with a few devices they can trade against each other without cost in the fit, an
  /// overhead of a generation against one of an engine, and a device that was not fitted pays for it. Chosen by the
  /// errors on devices left out.
  func serverEffects(_ quantity: Quantity) -> [Effect] {
    var list = EffectList("server", quantity)
    let sparse = isSparse ? "yes" : nil
    switch quantity {
    case .weightBandwidth:
      list.base(0.6, 0.2)
      hardware(&list, family: 0.1, generation: 0.04, engine: 0.09, precision: 0.08)
      list.by("experts", sparse, 0.2, mean: -0.2)
      list.by("vendor", onROCm, 0.15, mean: -0.15)
    case .cacheBandwidth:
      list.base(0.5, 0.3)
      list.by("engine", engine, 0.12)
      list.by("latent", model.isLatent ? "yes" : nil, 0.2, mean: -0.3)
    case .smallBatchCompute:
      list.base(0.35, 0.3)
      hardware(&list, generation: 0.08, engine: 0.12, precision: 0.15)
      list.by("experts", sparse, 0.4, mean: -0.5)
      list.by("vendor", onROCm, 0.3, mean: -0.45)
    case .allReduceLatency:
      list.base(6, 0.4)
      list.by("link", device.hasFastLink ? "fast" : "host", 0.5)
      list.by("engine", engine, 0.18)
    case .layerOverhead:
      list.base(25, 0.4)
      hardware(&list, generation: 0.08, engine: 0.24)
      list.by("experts", sparse, 0.4, mean: 0.5)
      list.by("latent", model.isLatent ? "yes" : nil, 0.16, mean: 0.3)
      list.by("vendor", onROCm, 0.3, mean: 0.5)
    case .stepOverhead:
      list.base(800, 0.6)
      list.by("engine", engine, 0.3)
    case .streamOverhead:
      list.base(10, 0.7)
      list.by("engine", engine, 0.42)
      // Each stream's token is picked out of the whole vocabulary.
      list.by("vocabulary", "all", 0.2, mean: 0.3, coefficient: naturalLog(model.vocabularyShare))
    case .prefillCompute:
      list.base(2.5, 0.25)
      hardware(&list, family: 0.1, generation: 0.08, engine: 0.18, precision: 0.15)
      let units = DeviceClass.matrixWidth(of: device.generation)
      list.by("units", "all", 0.3, mean: 0, coefficient: naturalLog(units / 4))
      list.by("experts", sparse, 0.4, mean: -0.5)
      list.by("vendor", onROCm, 0.35, mean: -1.1)
    case .prefillAttention: list.base(0.5, 0.3)
    case .prefillLayerOverhead:
      list.base(300, 0.6)
      list.by("engine", engine, 0.3)
      list.by("experts", sparse, 0.4, mean: 0.3)
      list.by("latent", model.isLatent ? "yes" : nil, 0.3)
      list.by("vendor", onROCm, 0.3)
    case .stepFactor:
      list.by("tuned", isTuned ? engine : nil, 0.07, mean: -0.1)
      list.by("tuned+vendor", isTuned ? onROCm : nil, 0.3, mean: -0.4)
      list.by("source", source, 0.15)
    case .prefillFactor:
      list.by("tuned", isTuned ? engine : nil, 0.1, mean: -0.2)
      list.by("tuned+vendor", isTuned ? onROCm : nil, 0.3, mean: -0.4)
      list.by("source", source, 0.15)
    default: return loadEffects(quantity)
    }
    return list.effects
  }

  /// The vendor's name for devices on ROCm, where engines reach less of a peak than on CUDA: 16-bit products at 47% of
  /// an MI300X against 73% of an H100, 8-bit ones at 38% against 65%, and slower launches (published measurements of
  /// matrix products, December 2024). What was tuned for a benchmark is apart.
  private var onROCm: String? { device.deviceClass.vendor == "amd" ? "amd" : nil }

  /// The effects of how requests meet in a server, whatever computes them.
  func loadEffects(_ quantity: Quantity) -> [Effect] {
    var list = EffectList("server", quantity)
    switch quantity {
    case .prefillInflation:
      list.base(1.1, 0.1)
      list.by("engine", engine, 0.1)
    case .burst:
      list.base(1, 0.3)
      list.by("engine", engine, 0.3)
    case .requestOverhead:
      list.base(20, 0.7)
      list.by("engine", engine, 0.42)
      list.by("prompts", isDisaggregated ? "elsewhere" : nil, 0.7, mean: 0.5)
      list.by("source", source, 0.3)
    case .admissionSteps:
      list.base(1, 0.5, stack == .local ? "local" : "")
      list.by("engine", engine, 0.4)
      // Servers are told how often to look for new requests.
      list.by("source+engine", source.map { "\($0)+\(engine)" }, 0.6)
    case .frontEnd:
      list.base(2, 0.7)
      list.by("engine", engine, 0.3)
    case .limitMargin: list.base(0.75, 0.15)
    case .randomWait: list.base(1, 0.7, arrival ?? "")
    case .offlineFactor:
      list.base(0.9, 0.15)
      list.by("arrival", arrival, 0.15)
      list.by("source", source, 0.2)
    default: return []
    }
    return list.effects
  }

  private func hardware(
    _ list: inout EffectList, family: Double? = nil, generation: Double, engine byEngine: Double,
    precision byPrecision: Double? = nil
  ) {
    if let family { list.by("family", device.family, family) }
    list.by("generation", device.generation, generation)
    list.by("engine", engine, byEngine)
    if let byPrecision { list.by("precision", precision.rawValue, byPrecision) }
  }
}

extension Quantity {
  /// True for what describes how requests meet in a server rather than how it computes.
  package var isLoad: Bool { rawValue >= Quantity.prefillInflation.rawValue }
}

extension SpeedCase {
  /// The effects of a quantity for this case.
  package func effects(of quantity: Quantity) -> [Effect] {
    if quantity.isLoad { return loadEffects(quantity) }
    return stack == .local ? localEffects(quantity) : serverEffects(quantity)
  }
}
