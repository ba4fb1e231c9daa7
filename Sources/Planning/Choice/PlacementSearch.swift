import Engines
import Hardware
import Models
import Units

/// Finds where one form of a model goes for one engine: the placements that a specialist would try, in that order, each
/// judged by the engine's own memory rules, until one fits.
struct PlacementSearch {
  let rules: EngineRules
  let candidate: QuantizationCandidate
  /// Says which of several placements is faster; nil leaves it to rules.
  var speed: SpeedEstimator?

  var machine: Machine { rules.request.machine }
  var layerCount: Int { candidate.model.layers.count }

  /// The first that fits; where none does, the last that was tried, or the one that was asked for.
  func fit() -> EngineRules.Fit {
    if let asked = rules.request.placement { return fit(asked: asked) }
    var whole = Placement()
    whole.devices = Array(machine.accelerators.indices)
    guard !whole.devices.isEmpty else { return processors() }
    return switch rules.kind {
    case .llamaCpp: layers(whole)
    case .ampereLlamaCpp: processors()
    case .vllm: tensors()
    case .mlx: unified(whole)
    }
  }

  /// One memory for processor and GPU.
  private func unified(_ whole: Placement) -> EngineRules.Fit {
    var fit = rules.judged(candidate, whole)
    if fit.fits { fit.why = PlacementReason.unified }
    return fit
  }

  private func fit(asked: Placement) -> EngineRules.Fit {
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    let unsuited = rules.kind == .vllm ? degree.refusal(asked, devices: machine.accelerators.count) : nil
    if let refusal = rules.refusal(of: asked) ?? unsuited {
      return EngineRules.Fit(placement: asked, settings: rules.request.settings, verdict: .unsupported, reason: refusal)
    }
    let first = rules.judged(candidate, asked)
    let canMoveLayers = asked.gpuLayers == nil && !asked.devices.isEmpty && rules.kind.isLlamaCpp
    guard !first.fits, first.verdict != .unsupported, canMoveLayers else { return first }
    return partial(asked) ?? first
  }
}
