public import ArgumentParser
public import Engines
import Hardware
import Planning
import Units
import Workflows

/// Where the parts of a model go.
struct PlacementOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Layers on the GPU, including the output layer.", valueName: "n"))
  var gpuLayers: Int?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Keep the experts of the first n layers on the CPU.", valueName: "n"))
  var cpuMoe: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("GPUs that share each layer.", valueName: "n"))
  var tensorParallel: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Groups of GPUs that divide the layers.", valueName: "n", visibility: .hidden))
  var pipelineParallel: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "GPUs that share out whole experts (tensor times data parallel).", valueName: "n", visibility: .hidden))
  var expertParallel: Int?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Copies of the model.", valueName: "n", visibility: .hidden))
  var dataParallel: Int?
  @Option(help: ArgumentHelp("vLLM: machines that one server spans.", valueName: "n", visibility: .hidden)) var nodes =
    1
  @Option(help: ArgumentHelp("llama.cpp: how devices share: none, layer, row or tensor.", visibility: .hidden))
  var splitMode: Placement.SplitMode?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "llama.cpp: comma-separated shares of the devices, such as 3,1.", valueName: "list", visibility: .hidden))
  var tensorSplit: String?
  @Option(
    help: ArgumentHelp(
      "llama.cpp: where tensors go, as REGEX=CPU; repeatable.", valueName: "rule", visibility: .hidden))
  var overrideTensor: [String] = []

  /// The placement asked for; nil where nothing was.
  func placement(on machine: Machine) throws -> Placement? {
    guard isAsked else { return nil }
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
    if !(1...1024).contains(nodes) { throw ValidationError("--nodes is from 1 to 1024") }
    for (name, degree) in [
      ("--tensor-parallel", tensorParallel), ("--pipeline-parallel", pipelineParallel),
      ("--expert-parallel", expertParallel), ("--data-parallel", dataParallel),
    ] {
      if let degree, !(1...65536).contains(degree) { throw ValidationError("\(name) is from 1 to 65536") }
    }
    if let gpuLayers, gpuLayers < 0 { throw ValidationError("--gpu-layers is 0 or more") }
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
        throw ValidationError("--tensor-split takes comma-separated numbers, such as 3,1")
      }
      return share
    }
  }

  func apply(to settings: inout EngineSettings) {
    settings.cpuMoeLayers = cpuMoe ?? 0
    settings.overrideTensor = overrideTensor
  }
}

extension Placement.SplitMode: ExpressibleByArgument {}
