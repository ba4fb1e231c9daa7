import Engines

extension SpeedCase {
  /// The effects of a quantity for llama.cpp, its kin and MLX.
  func localEffects(_ quantity: Quantity) -> [Effect] {
    var list = EffectList("local", quantity)
    switch quantity {
    case .weightBandwidth:
      list.base(0.75, 0.2)
      hardware(&list, family: 0.1, class: 0.1, generation: 0.07, backend: 0.1, both: 0.07)
      list.by("format", quantKind.rawValue, 0.08)
      list.by("format+backend", "\(quantKind.rawValue)/\(backend)", 0.06)
      list.by("experts", isSparse ? backend.rawValue : nil, 0.12, mean: -0.2)
    case .cacheBandwidth:
      list.base(0.5, 0.4)
      list.by("backend", backend.rawValue, 0.3)
    case .smallBatchCompute:
      // One stream shows little of it on an accelerator: that eight give about four times one is assumed.
      let isProcessor = device.deviceClass.isProcessor
      list.base(isProcessor ? 0.4 : 0.07, isProcessor ? 0.7 : 0.3, isProcessor ? "cpu" : "gpu")
      if isProcessor {
        hardware(&list, family: 0.2, class: 0.3, generation: 0.4, backend: 0.3)
      } else {
        list.by("vendor", device.deviceClass.vendor, 0.3)
        list.by("class", device.deviceClass.rawValue, 0.2)
        // These kernels run beside the matrix units.
        let units = naturalLog(DeviceClass.matrixWidth(of: device.generation))
        list.by("units", "all", 0.2, mean: -1, coefficient: units)
      }
      list.by("format", quantKind.rawValue, 0.2)
    case .matrixCompute:
      list.base(0.3, 0.4)
      list.by("backend", backend.rawValue, 0.3)
    case .decodeAttention:
      list.base(0.2, 0.7)
      list.by("backend", backend.rawValue, 0.5)
    case .layerOverhead:
      list.base(20, 0.5)
      hardware(&list, family: 0.15, class: 0.25, backend: 0.3)
      list.by("experts", isSparse ? "yes" : nil, 0.2, mean: 0.4)
    case .stepOverhead:
      list.base(200, 0.5)
      list.by("backend", backend.rawValue, 0.4)
      // The processor picks each token out of the whole vocabulary.
      list.by("vocabulary", "all", 0.2, mean: 0.3, coefficient: naturalLog(model.vocabularyShare))
    case .hostBandwidth:
      list.base(0.6, 0.2)
      list.by("experts", isSparse ? "yes" : nil, 0.4)
    case .threadWait, .prefillThreadScaling: list.base(1, 0.5)
    case .threadPeak, .prefillThreadPeak: list.base(1, 0.4)
    case .threadBandwidth: list.base(1, 0.3)
    case .stepFactor:
      handicaps(&list, engine: 0.12)
      // A bundle brings kernels of its own, which cost more on one backend than on another.
      list.by("engine+backend", engine == "llama.cpp" ? nil : "\(engine)/\(backend)", 0.2)
      list.by("source", source, 0.15)
    default: return localPrefillEffects(quantity)
    }
    return list.effects
  }

  private func localPrefillEffects(_ quantity: Quantity) -> [Effect] {
    var list = EffectList("local", quantity)
    let intensity = naturalLog(device.peak / device.bandwidth / 150)
    switch quantity {
    case .prefillCompute:
      list.base(0.4, 0.5)
      // A class adds little to vendor and generation: the same chips are sold as workstation, desktop and server cards.
      list.by("vendor", device.deviceClass.vendor, 0.4)
      hardware(&list, family: 0.1, class: 0.05, generation: 0.35, backend: 0.3, both: 0.05)
      // Units that multiply more in a cycle wait longer for what else a kernel does.
      list.by("units", "all", 0.3, mean: -0.5, coefficient: naturalLog(DeviceClass.matrixWidth(of: device.generation)))
      list.by("generation+backend", "\(device.generation)/\(backend)", 0.15)
      // OpenVINO multiplies on Intel's matrix units, which Vulkan's kernels for these leave idle.
      list.by("kernels", backend == .openVINO ? backend.rawValue : nil, 0.5, mean: 1)
      list.by("format", quantKind.rawValue, 0.15)
      list.by("format+backend", "\(quantKind.rawValue)/\(backend)", 0.12)
      list.by("float+generation", quantKind == .f16 ? "\(device.generation)/\(backend)" : nil, 0.3)
      list.by("experts", isSparse ? backend.rawValue : nil, 0.3)
      // Kernels that multiply quantized weights on matrix units came in the middle of 2024.
      list.by("age", isOldBuild && backend == .cuda ? (quantKind == .f16 ? "float" : "quantized") : nil, 0.3)
      list.by("width", "all", 0.3, coefficient: naturalLog(model.width / 4096))
      // Not of processors: a slice of one has a bandwidth out of all proportion to its cores, and is no slower by it.
      if !device.deviceClass.isProcessor {
        list.by("intensity", "gpu", 0.3, coefficient: intensity)
        list.by("intensity+vendor", device.deviceClass.vendor, 0.3, coefficient: intensity)
      }
    case .prefillAttention:
      list.base(0.25, 0.5)
      list.by("backend", backend.rawValue, 0.4)
      list.by("class", device.deviceClass.rawValue, 0.3)
      // Without it whole score matrices go through memory.
      list.by(
        "flash", flashAttention.map { $0 ? "on" : "off" } ?? "unsaid", 0.4, mean: flashAttention == false ? -0.7 : 0)
      list.by("cpu", backend == .cpu ? "yes" : nil, 0.7, mean: -1)
    case .prefillLayerOverhead:
      list.base(30, 0.5)
      list.by("backend", backend.rawValue, 0.3)
    case .prefillStepOverhead:
      list.base(1000, 0.7)
      list.by("backend", backend.rawValue, 0.4)
      list.by("chat", isChat ? "yes" : nil, 1, mean: 2)
    case .expertTile, .fillTokens:
      list.base(1, 0.7)
      list.by("backend", backend.rawValue, 0.5)
    case .stageOverlap: list.base(1, 0.7)
    case .prefillFactor:
      handicaps(&list, engine: 0.3)
      list.by("source", source, 0.25)
    default: return []
    }
    return list.effects
  }

  var isSparse: Bool { model.experts > 0 }

  private func hardware(
    _ list: inout EffectList, family: Double, class byClass: Double, generation: Double? = nil,
    backend byBackend: Double,
    both: Double? = nil
  ) {
    list.by("family", device.family, family)
    list.by("class", device.deviceClass.rawValue, byClass)
    if let generation { list.by("generation", device.generation, generation) }
    list.by("backend", backend.rawValue, byBackend)
    if let both { list.by("class+backend", "\(device.deviceClass.rawValue)/\(backend)", both) }
  }

  /// Engines that are llama.cpp with something around it, and hosts that hold their card back.
  private func handicaps(_ list: inout EffectList, engine deviation: Double) {
    list.by("engine", engine == "llama.cpp" ? nil : engine, deviation)
    list.by("host", isHostLimited ? "limited" : nil, 0.2, mean: 0.3)
    list.by("backend", backend == .moltenVK ? backend.rawValue : nil, 0.7, mean: 0.5)
    // llamafile's own kernels need what the GTX 16 series lacks: several times slower (published on LocalScore).
    let lacksKernels = device.generation == "turing16" && engine == "llamafile"
    list.by("kernels", lacksKernels ? "llamafile-gtx16" : nil, 0.7, mean: 0.7)
  }
}
