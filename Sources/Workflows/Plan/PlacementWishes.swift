public import Engines
import Hardware
import Planning
import Units

/// Where the parts of a model are to go; nil parts are left to the plan.
public struct PlacementWishes: Hashable, Sendable {
  /// Layers on the GPU, the output layer counted.
  public var gpuLayers: Int?
  public var splitMode: Placement.SplitMode?
  /// Shares of the devices.
  public var tensorSplit: [Double]?
  public var tensorParallel: Int?
  public var pipelineParallel: Int?
  public var expertParallel: Int?
  public var dataParallel: Int?

  public init() {}

  /// The placement asked for; nil where nothing was.
  ///
  /// - Throws: `Failure` for layers on a GPU of a machine that has none.
  func placement(on machine: Machine) throws -> Placement? {
    guard self != PlacementWishes() else { return nil }
    if let gpuLayers, gpuLayers > 0, machine.accelerators.isEmpty {
      throw Failure(
        .usage, .noAccelerator, "--gpu-layers \(gpuLayers) needs a GPU, and \(machine.name) has none",
        remedy: "leave it out, or plan --on a machine that has one")
    }
    var placement = Placement()
    placement.devices = Array(machine.accelerators.indices)
    placement.gpuLayers = gpuLayers
    if gpuLayers == 0 { placement.devices = [] }
    if let splitMode { placement.splitMode = splitMode }
    if let tensorSplit { placement.tensorSplit = tensorSplit }
    // vLLM spreads experts over the devices that tensors are cut over: the one degree implies the other.
    placement.tensorParallel = tensorParallel ?? (dataParallel == nil ? expertParallel ?? 1 : 1)
    placement.pipelineParallel = pipelineParallel ?? 1
    placement.expertParallel = expertParallel ?? 1
    placement.dataParallel = dataParallel ?? 1
    if [tensorParallel, pipelineParallel, expertParallel, dataParallel].contains(where: { $0 != nil }) {
      let wanted = placement.tensorParallel * placement.pipelineParallel * placement.dataParallel
      placement.devices = Array(placement.devices.prefix(wanted))
    }
    if placement.splitMode == .none { placement.devices = Array(placement.devices.prefix(1)) }
    return placement
  }
}
