public import Hardware
public import Models
import Units

extension LlamaCpp {
  /// Devices that a build knows (`GGML_CUDA_MAX_DEVICES`).
  static let mostDevices = 16

  public var planning: PlanningFacts {
    var layouts = LayoutAbilities(.layers(most: Self.mostDevices))
    layouts.movesToHost = true
    layouts.sharesNode = true
    var facts = PlanningFacts(layouts: layouts, context: .allSlots, speed: SpeedFacts(name: kind.rawValue))
    facts.adapterForm = .gguf
    facts.options = [
      .gpuLayers, .cpuMoe, .overrideTensor, .splitMode, .tensorSplit, .withoutFlashAttention, .sharedCache,
      .wholeWindows, .batch, .ubatch, .outputRows, .projector, .draft,
      .predictionLayers,
    ]
    facts.mapsWeights = true
    facts.copiesWeights = true
    facts.cacheTypes = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]
    facts.smallerCache = KVCacheType(key: "q8_0", value: "q8_0")
    // Vocabularies may differ by tokens that are never used (`SPEC_VOCAB_MAX_SIZE_DIFFERENCE`).
    facts.draftVocabularyTolerance = 128
    return facts
  }

  public func memoryRules(for model: Model) -> any MemoryRules { LlamaCppMemoryRules(for: model) }

  public func loads(_ form: ModelForm) -> Bool { form.format == .gguf }

  public func preference(for model: Model, on machine: Machine) -> EnginePreference {
    EnginePreference(
      rank: 2,
      reason: servesEncoder(model)
        ?? Reason(.ggufNative, "llama.cpp runs GGUF on any CPU or GPU"),
      isMadeForFormat: model.format == .gguf)
  }
}
