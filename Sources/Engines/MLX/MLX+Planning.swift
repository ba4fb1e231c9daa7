public import Hardware
public import Models
import Units

extension MLX {
  public var planning: PlanningFacts {
    var facts = PlanningFacts(
      layouts: LayoutAbilities(.unified(of: .apple)), context: .oneRequest,
      speed: SpeedFacts(name: "mlx-lm", backend: .mlx))
    facts.adapterForm = .mlx
    facts.options = [.draft]
    facts.pagesWorkingSet = true
    return facts
  }

  public func memoryRules(for model: Model) -> any MemoryRules { MLXMemoryRules() }

  /// Checkpoints as they are, and what its own converter makes of them.
  public func loads(_ form: ModelForm) -> Bool {
    form.tool == nil ? [.mlx, .safetensors, .config].contains(form.format) : form.format == .mlx
  }

  public func preference(for model: Model, on machine: Machine) -> EnginePreference {
    let isApple = machine.accelerators.contains { $0.vendor.value == .apple }
    guard isApple else {
      return EnginePreference(
        rank: 0.5, reason: Reason(.noAppleGPU, "MLX without an Apple GPU is only for tests"),
        isMadeForFormat: model.format == .mlx, isOnlyByName: true)
    }
    return EnginePreference(
      rank: 3, reason: Reason(.appleNative, "MLX runs safetensors on Apple GPUs"),
      isMadeForFormat: model.format != .gguf)
  }
}
