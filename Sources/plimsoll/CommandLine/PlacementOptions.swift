public import ArgumentParser
public import Engines
import Foundation
import Hardware
import Models
import Units

/// Where the parts of a model go, and what is loaded beside it.
struct PlacementOptions: ParsableArguments {
  @Option(help: "Layers on accelerators, the output layer counted as one.") var gpuLayers: Int?
  @Option(help: "Experts of the first layers kept on the CPU.") var cpuMoe: Int?
  @Option(help: "Tensors by regular expression, as REGEX=CPU; may be repeated.") var overrideTensor: [String] = []
  @Option(help: "How several devices share: none, layer, row or tensor.") var splitMode: Placement.SplitMode?
  @Option(help: "Shares of the devices, parted by commas.") var tensorSplit: String?
  @Option(help: "Devices that share each layer.") var tensorParallel: Int?
  @Option(help: "Devices that take layers in turn.") var pipelineParallel: Int?
  @Option(help: "Devices over which experts are spread.") var expertParallel: Int?
  @Option(help: "Copies of the model.") var dataParallel: Int?
  @Option(help: "Projector file.") var mmproj: String?
  @Option(help: "Draft model for speculative decoding.") var draft: String?
  @Option(help: "Adapter file; may be repeated.") var lora: [String] = []

  /// The placement asked for; nil where nothing was.
  func placement(on machine: Machine) throws -> Placement? {
    var placement = Placement()
    placement.devices = Array(machine.accelerators.indices)
    let untouched = placement
    placement.gpuLayers = gpuLayers
    if gpuLayers == 0 { placement.devices = [] }
    if let splitMode { placement.splitMode = splitMode }
    if let tensorSplit {
      placement.tensorSplit = tensorSplit.split(separator: ",").compactMap { Double($0) }
    }
    if let tensorParallel { placement.tensorParallel = tensorParallel }
    if let pipelineParallel { placement.pipelineParallel = pipelineParallel }
    if let expertParallel { placement.expertParallel = expertParallel }
    if let dataParallel { placement.dataParallel = dataParallel }
    let wanted = placement.tensorParallel * placement.pipelineParallel
    if wanted > 1, wanted < placement.devices.count { placement.devices = Array(placement.devices.prefix(wanted)) }
    if placement.splitMode == .none { placement.devices = Array(placement.devices.prefix(1)) }
    return placement == untouched ? nil : placement
  }

  func apply(to settings: inout EngineSettings) {
    settings.cpuMoeLayers = cpuMoe ?? 0
    settings.overrideTensor = overrideTensor
    settings.projectorPath = mmproj
    settings.draftPath = draft
    settings.loraPaths = lora
  }

  /// The files that are loaded beside the model, with their sizes.
  func companions() throws -> [Companion] {
    let named: [(Companion.Role, String)] =
      [(.projector, mmproj), (.draft, draft)].compactMap { role, path in path.map { (role, $0) } }
      + lora.map { (.adapter, $0) }
    return try named.map { role, path in
      guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
        throw ValidationError("\(path) cannot be read")
      }
      return Companion(role: role, file: ModelFile(path: path, bytes: ByteCount(size)))
    }
  }
}

extension Placement.SplitMode: ExpressibleByArgument {}
