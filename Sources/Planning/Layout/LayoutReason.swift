import Engines
import Units

/// Why a placement was chosen, in the words that `choose` and `plan` share.
enum LayoutReason {
  static let oneDevice = Reason(.fitsOneDevice, "one GPU (the model and its cache fit)")

  /// - Parameter layers: of the model.
  static func unified(_ settings: EngineSettings, layers: Int) -> Reason {
    settings.cpuMoeLayers > 0
      ? expertsOnCPU(min(settings.cpuMoeLayers, layers), of: layers)
      : Reason(.unifiedMemory, "all layers on the GPU, in the memory that it shares with the processor")
  }

  static func copies(_ count: Int, of devices: Int) -> Reason {
    let how = devices == 1 ? "one GPU" : "\(devices) GPUs"
    return Reason(
      .replicas, "\(count) servers, each on \(how): the model fits, and copies exchange nothing")
  }

  /// A layout that is taken for its speed under the load, though another has room for every request's whole context.
  static func faster(_ own: Reason, by ratio: Double) -> Reason {
    Reason(
      own.code,
      "\(own.message); \(ratio.formatted(decimals: 1)) times as fast at this load as a layout with room for every "
        + "request's whole context", remedy: own.remedy)
  }

  /// - Parameter isRoomier: true where fewer devices would hold it, but not surely.
  static func layers(over devices: Int, isRoomier: Bool = false) -> Reason {
    Reason(
      .layerSplit,
      "layers over \(devices) GPUs, the fewest that \(isRoomier ? "surely hold" : "hold") the model",
      remedy: "a layer split adds memory, but no speed for one stream")
  }

  static func expertsOnCPU(_ moved: Int, of layers: Int) -> Reason {
    Reason(
      .expertsOnCPU,
      "attention and KV cache on the GPU, experts of \(moved) of \(layers) layers in host memory")
  }

  /// - Parameter layers: of the model; the output counts as one more.
  static func layersOnCPU(_ onDevices: Int, of layers: Int) -> Reason {
    Reason(
      .layersOnCPU,
      "\(onDevices) of \(layers + 1) layers on the GPU, the rest on the CPU",
      remedy: "a smaller quantization that fits on the GPU is many times faster")
  }

  static func tensors(_ ways: Int, isFast: Bool) -> Reason {
    isFast
      ? Reason(.tensorParallel, "tensor parallel over \(ways) linked GPUs, the fewest that hold the model")
      : Reason(
        .tensorParallelOverPcie, "tensor parallel over \(ways) GPUs on PCIe, the fewest that hold the model",
        remedy: "two all-reduces per layer cost 10 to 30 µs each over PCIe: expect less than \(ways) times one GPU")
  }

  static func experts(_ ways: Int) -> Reason {
    Reason(
      .expertParallel,
      "\(ways) ways with whole experts on each device: their width is not a multiple of the quantization's block")
  }

  /// Attention of its own on each rank, the experts shared by all.
  static func sharedExperts(_ ranks: Int, of ways: Int) -> Reason {
    let attention = ways > 1 ? "attention cut \(ways) ways in each of \(ranks) ranks" : "separate attention on each"
    return Reason(
      .dataParallelAttention,
      "\(ranks * ways) devices with \(attention), the experts spread over all: no cache is kept twice")
  }

  /// A layout that is taken because it keeps the targets under the load, which another does not.
  static func keepsTargets(_ own: Reason) -> Reason {
    Reason(own.code, "\(own.message); it keeps the targets under this load", remedy: own.remedy)
  }

  static func stages(_ stages: Int, of ways: Int) -> Reason {
    Reason(
      .pipelineAcrossIslands,
      ways == 1
        ? "pipeline parallel \(stages): the GPUs have no direct link"
        : "tensor parallel \(ways) among linked GPUs, pipeline parallel \(stages) between them")
  }
}
