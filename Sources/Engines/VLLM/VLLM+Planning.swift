public import Hardware
public import Models
import Units

extension VLLM {
  public var planning: PlanningFacts {
    var layouts = LayoutAbilities(.tensors)
    layouts.bindsItself = true
    layouts.spansMachines = true
    var facts = PlanningFacts(
      layouts: layouts, context: .oneRequest, speed: SpeedFacts(name: kind.rawValue, isForServers: true))
    facts.adapterForm = .peft
    facts.options = [.batch, .draft, .predictionLayers, .memoryShare, .cacheSize, .withoutGraphs]
    facts.usualCache = KVCacheType(key: "auto", value: "auto")
    facts.cacheTypes = ["auto", "fp8"]
    facts.isPooled = true
    // The draft's weights count as part of the model's own; its cache comes out of the same pool.
    facts.mergesDraft = true
    return facts
  }

  public func memoryRules(for model: Model) -> any MemoryRules { VLLMMemoryRules() }

  /// Checkpoints as they are, and what llm-compressor makes of them.
  public func loads(_ form: ModelForm) -> Bool {
    form.tool == nil ? form.format != .mlx && form.format != .gguf : form.tool == .compressor
  }

  public func preference(for model: Model, on machine: Machine) -> EnginePreference {
    let isCheckpoint = model.format != .gguf && model.format != .mlx
    let maker = machine.accelerators.first?.vendor.value
    let isApple = maker == .apple
    guard let maker else {
      return EnginePreference(
        rank: 1,
        reason: servesEncoder(model)
          ?? Reason(.safetensorsOnCPU, "vLLM's CPU build is the engine that serves safetensors on a CPU"),
        isMadeForFormat: isCheckpoint)
    }
    return EnginePreference(
      rank: 2.5,
      reason: servesEncoder(model)
        ?? Reason(.serverBatches, "vLLM serves safetensors in batches on \(maker) accelerators"),
      isMadeForFormat: isCheckpoint && !isApple)
  }
}
