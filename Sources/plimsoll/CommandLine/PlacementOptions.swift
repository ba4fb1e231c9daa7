public import ArgumentParser
public import Engines
import Foundation
import Hardware
import Models
import Planning
import Units
import Workflows

/// Where the parts of a model go, and what is loaded beside it.
struct PlacementOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Layers on accelerators, the output layer counted as one.") var gpuLayers: Int?
  @Option(parsing: .unconditional, help: "Experts of the first layers kept on the CPU.") var cpuMoe: Int?
  @Option(help: "Tensors by regular expression, as REGEX=CPU; may be repeated.") var overrideTensor: [String] = []
  @Option(help: "How several devices share: none, layer, row or tensor.") var splitMode: Placement.SplitMode?
  @Option(parsing: .unconditional, help: "Shares of the devices, parted by commas.") var tensorSplit: String?
  @Option(parsing: .unconditional, help: "Devices that share each layer.") var tensorParallel: Int?
  @Option(parsing: .unconditional, help: "Devices that take layers in turn.") var pipelineParallel: Int?
  @Option(
    parsing: .unconditional,
    help: "Devices over which whole experts are spread: the tensor times the data parallel degree.")
  var expertParallel: Int?
  @Option(parsing: .unconditional, help: "Copies of the model.") var dataParallel: Int?
  @Option(help: "Projector file; the one that belongs to the model is taken anyway, unless this is none.")
  var mmproj: String?
  @Option(help: "Draft model for speculative decoding.") var draft: String?
  @Option(
    parsing: .unconditional,
    help: "Share of the draft's guesses that the model keeps, from 0 to 1; 0.6 is assumed otherwise.")
  var draftAcceptance: Double?
  @Option(help: "Adapter file; may be repeated.") var lora: [String] = []

  /// The placement asked for; nil where nothing was.
  func placement(on machine: Machine) throws -> Placement? {
    guard isAsked else { return nil }
    if let gpuLayers, gpuLayers > 0, machine.accelerators.isEmpty {
      throw Failure(
        .usage, .noAccelerator, "--gpu-layers \(gpuLayers) is for accelerators, and \(machine.name) has none",
        remedy: "leave it out, or plan --on a machine that has one")
    }
    var placement = Placement()
    placement.devices = Array(machine.accelerators.indices)
    placement.gpuLayers = gpuLayers
    if gpuLayers == 0 { placement.devices = [] }
    if let splitMode { placement.splitMode = splitMode }
    if let tensorSplit { placement.tensorSplit = try shares(tensorSplit) }
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

  func validate() throws {
    for (name, degree) in [
      ("--tensor-parallel", tensorParallel), ("--pipeline-parallel", pipelineParallel),
      ("--expert-parallel", expertParallel), ("--data-parallel", dataParallel),
    ] {
      if let degree, !(1...65536).contains(degree) { throw ValidationError("\(name) is from 1 to 65536") }
    }
    if let gpuLayers, gpuLayers < 0 { throw ValidationError("--gpu-layers is 0 or more") }
    if let draftAcceptance {
      guard draft != nil else { throw ValidationError("--draft-acceptance is about a --draft, and none is named") }
      guard (0...1).contains(draftAcceptance) else { throw ValidationError("--draft-acceptance is from 0 to 1") }
    }
    if let tensorSplit { _ = try shares(tensorSplit) }
    if let cpuMoe, cpuMoe < 0 { throw ValidationError("--cpu-moe is 0 or more") }
  }

  /// True where anything but the settings and files was asked for.
  private var isAsked: Bool {
    gpuLayers != nil || splitMode != nil || tensorSplit != nil || tensorParallel != nil || pipelineParallel != nil
      || expertParallel != nil || dataParallel != nil
  }

  private func shares(_ text: String) throws -> [Double] {
    try text.split(separator: ",").map { part in
      guard let share = Double(part), share.isFinite, share >= 0 else {
        throw ValidationError("--tensor-split takes numbers parted by commas, as 3,1")
      }
      return share
    }
  }

  func apply(to settings: inout EngineSettings) {
    settings.cpuMoeLayers = cpuMoe ?? 0
    settings.overrideTensor = overrideTensor
    settings.projectorPath = mmproj == "none" ? nil : mmproj
    settings.draftPath = draft
    settings.loraPaths = lora
  }

  /// The draft model; nil where none was named.
  func draftModel() throws -> Model? { try draft.map { try ModelReader.read(path: $0) } }

  /// The files that are loaded beside the model, with their sizes.
  ///
  /// llama.cpp is given the projector that was found with the model, unless another is named, or none.
  func companions(of model: Model) throws -> [Companion] {
    let own = model.format == .gguf && mmproj == nil ? model.companions.filter { $0.role == .projector }.prefix(1) : []
    let projector = mmproj.flatMap { $0 == "none" ? nil : $0 }
    let named: [(Companion.Role, String)] = (projector.map { [(.projector, $0)] } ?? []) + lora.map { (.adapter, $0) }
    return try own
      + named.map { role, path in
        guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
          throw Failure(.refusedInput, .noSuchFile, "\(path) cannot be read")
        }
        return Companion(role: role, file: ModelFile(path: path, bytes: ByteCount(size)))
      }
  }
}

extension Placement.SplitMode: ExpressibleByArgument {}
