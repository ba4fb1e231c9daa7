public import Hardware
public import Models
import Units

extension AmpereLlamaCpp {
  /// That of llama.cpp, on processors alone.
  public var planning: PlanningFacts {
    var facts = LlamaCpp().planning
    facts.layouts.devices = .none
    facts.layouts.movesToHost = false
    facts.options.subtract([.gpuLayers, .cpuMoe, .overrideTensor, .splitMode, .tensorSplit])
    facts.speed.name = kind.rawValue
    facts.ownForms = [OwnForm("Q8R16", sizedAs: "Q8_0"), OwnForm("Q4_K_4", sizedAs: "Q4_K_M")]
    return facts
  }

  public func memoryRules(for model: Model) -> any MemoryRules { LlamaCppMemoryRules(for: model) }

  public func loads(_ form: ModelForm) -> Bool { form.format == .gguf }

  public func preference(for model: Model, on machine: Machine) -> EnginePreference {
    let isAlone = machine.accelerators.isEmpty
    return EnginePreference(
      rank: isAlone ? 3 : 0.5,
      reason: isAlone
        ? Reason(.ampereBuild, "Ampere's build is the faster llama.cpp on Ampere's own processors")
        : Reason(.cpuBuild, "Ampere's build does not use the GPU of this machine"),
      isMadeForFormat: false, isOnlyByName: !isAlone)
  }
}
