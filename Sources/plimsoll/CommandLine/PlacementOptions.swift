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

  func wishes() throws -> PlacementWishes {
    var wishes = PlacementWishes()
    (wishes.gpuLayers, wishes.splitMode) = (gpuLayers, splitMode)
    wishes.tensorSplit = try tensorSplit.map { try shares($0) }
    (wishes.tensorParallel, wishes.pipelineParallel) = (tensorParallel, pipelineParallel)
    (wishes.expertParallel, wishes.dataParallel) = (expertParallel, dataParallel)
    return wishes
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
