import Units

/// Why a placement was chosen, in the words that `choose` and `plan` share.
enum LayoutReason {
  static let oneDevice = Reason(.fitsOneDevice, "the model and its cache fit on one device")

  static let unified = Reason(
    .unifiedMemory, "all layers on the GPU, in the memory that it shares with the processor")

  static func copies(_ count: Int, of devices: Int) -> Reason {
    let how = devices == 1 ? "one device" : "\(devices) devices"
    return Reason(
      .replicas, "\(count) servers of \(how) each: the model fits there, and copies exchange nothing")
  }

  /// A layout that is taken for its speed under the load, though another has room for every request's whole context.
  static func faster(_ own: Reason, by ratio: Double) -> Reason {
    Reason(
      own.code,
      "\(own.message); x\(ratio.formatted(decimals: 1)) of the tokens a second at this load of what has room for every "
        + "request's whole context", remedy: own.remedy)
  }

  static func layers(over devices: Int) -> Reason {
    Reason(
      .layerSplit, "layers over \(devices) devices, the fewest that hold the model",
      remedy: "a layer split gives memory, not speed for one stream")
  }

  static func expertsOnCPU(_ moved: Int, of layers: Int) -> Reason {
    Reason(
      .expertsOnCPU,
      "attention and cache on the devices, the experts of \(moved) of \(layers) layers in the host's memory: "
        + "a token reads few of them")
  }

  /// - Parameter layers: of the model; the output counts as one more.
  static func layersOnCPU(_ onDevices: Int, of layers: Int) -> Reason {
    Reason(
      .layersOnCPU,
      "\(onDevices) of \(layers + 1) layers on the devices, the others in the host's memory at its speed",
      remedy: "a smaller quantization that fits on the devices is many times faster")
  }

  static func tensors(_ ways: Int, isFast: Bool) -> Reason {
    isFast
      ? Reason(.tensorParallel, "\(ways) ways inside one link island, the fewest that hold the model")
      : Reason(
        .tensorParallelOverPcie, "\(ways) ways over PCIe, the fewest that hold the model",
        remedy: "two all-reduces a layer cost 10 to 30 us each over PCIe: expect less than \(ways) times one device")
  }

  static func experts(_ ways: Int) -> Reason {
    Reason(
      .expertParallel,
      "\(ways) ways with whole experts on each device: their width is no multiple of the quantization's block")
  }

  /// Attention of its own on each rank, the experts shared by all.
  static func sharedExperts(_ ranks: Int, of ways: Int) -> Reason {
    let attention = ways > 1 ? "attention cut \(ways) ways in each of \(ranks) ranks" : "attention of its own on each"
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
      "\(stages) stages of \(ways) ways: tensors are cut inside an island, whole layers across")
  }
}
