public import Engines
public import Units

/// Where an engine would put a model, with why; or why it cannot.
public struct PlacementChoice: Hashable, Sendable, Codable {
  public var placement: Placement
  public var settings: EngineSettings
  /// Why this placement, the deciding one first; and what was ruled out.
  public var reasons: [Reason]
  /// Speed and memory with the experts of more and more layers on the CPU, where some were put there.
  public var expertOffload: [ExpertOffload]?
  /// Requests that the memory of all servers together holds; nil where no target asks for it, or it is not known.
  public var largestParallel: Int?

  init(_ placement: Placement = Placement(), settings: EngineSettings = EngineSettings(), _ reasons: [Reason]) {
    self.placement = placement
    self.settings = settings
    self.reasons = reasons
  }
}

extension PlacementChoice {
  /// The placement in a few words: `2 replicas of tensor parallel 4`, `16 of 33 layers on the GPU`.
  public var words: String {
    var parts: [String] = []
    if placement.tensorParallel > 1 { parts.append("tensor parallel \(placement.tensorParallel)") }
    if placement.dataParallel > 1 { parts.append("data parallel \(placement.dataParallel)") }
    if placement.pipelineParallel > 1 { parts.append("pipeline \(placement.pipelineParallel)") }
    if settings.cpuMoeLayers > 0 { parts.append("experts of \(settings.cpuMoeLayers) layers on the CPU") }
    if let layers = placement.gpuLayers { parts.append("\(layers) layers on the GPU") }
    let each = placement.devices.count / max(1, placement.replicas)
    if parts.isEmpty || placement.gpuLayers != nil || settings.cpuMoeLayers > 0 {
      if each > 1 { parts.append("layers over \(each) GPUs") }
      if parts.isEmpty { parts.append(placement.devices.isEmpty ? "CPU" : "one GPU") }
    }
    if let node = placement.numaNode { parts.append("bound to node \(node)") }
    let one = parts.joined(separator: ", ")
    return placement.replicas > 1 ? "\(placement.replicas) replicas, each \(one)" : one
  }
}
