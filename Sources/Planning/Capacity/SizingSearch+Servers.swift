import Engines
import Hardware
import Units

extension SizingSearch {
  /// The server of a shape; nil, with why kept, where it does not fit or is too slow for one request.
  mutating func server(_ shape: Shape, _ serving: Serving, on pool: DevicePool) -> SizingServer? {
    let placing = placings[shape.quantization]
    let devices = shape.ways * shape.stages
    let need = need(placing, serving.engine, ways: shape.ways, devices: devices)
    let each = max(0, pool.room(placing, serving.engine))
    guard need <= each * Double(devices) else {
      let all = self.need(placing, serving.engine, ways: shape.ways, devices: pool.count)
      refuse(SizingRefusal.small(by: all / max(each * Double(pool.count), 1))) { search in
        // Another accelerator has buffers of its own.
        let several = search.need(placing, serving.engine, ways: shape.ways, devices: pool.count + 1)
        return search.tooSmall(shape.quantization, all, orOnMore: several, each, pool)
      }
      return nil
    }
    let known = servers[shape] ?? made(shape, serving, devices: devices, on: pool)
    servers[shape] = known
    guard let known else {
      refuse(SizingRefusal.unable) { _ in Self.unknownBandwidth }
      return nil
    }
    guard known.concurrency > 0 else {
      refuse(SizingRefusal.late(by: known.lateness)) { $0.tooLate(known) }
      return nil
    }
    return known
  }

  private func made(_ shape: Shape, _ serving: Serving, devices: Int, on pool: DevicePool) -> SizingServer? {
    var placement = Placement()
    placement.devices = pool.members.first.map { Array(repeating: $0, count: devices) } ?? []
    if !serving.engine.isLlamaCpp {
      placement.tensorParallel = shape.ways
      placement.pipelineParallel = shape.stages
      placement.splitMode = .tensor
      if shape.isExpertParallel { placement.expertParallel = shape.ways }
    }
    var server = server(shape.quantization, serving, placement, EngineSettings(), on: pool)
    server?.fill(for: request)
    return server
  }

  /// Bytes that a server takes with one request, by the rules of `Placing`.
  func need(_ placing: Placing, _ engine: EngineKind, ways: Int, devices: Int) -> Double {
    let traits = request.traits
    let heads = traits.isLatent ? 1 : max(1, (traits.cacheElements / 256).rounded(.down))
    let length = Double(placing.contextLength)
    // Ways beyond the key-value heads hold copies of them.
    let cache =
      traits.attendedTokens(at: length) * traits.cacheElements * placing.cacheBytesPerElement
      * max(1, Double(ways) / heads)
    let weights = placing.weights
    if machine.accelerators.isEmpty { return weights * 1.05 + cache }
    switch engine {
    case .vllm: return max(weights * 1.02 + cache, weights * 1.1)
    case .mlx: return weights * 1.02 + cache
    case .llamaCpp, .ampereLlamaCpp: return weights * (devices > 1 ? 1.05 : 1.01) + cache
    }
  }

  private func server(
    _ quantization: Int, _ serving: Serving, _ placement: Placement, _ settings: EngineSettings, on pool: DevicePool
  ) -> SizingServer? {
    let placing = placings[quantization]
    var asked = SpeedRequest(
      machine: machine, model: placing.model, quantization: placing.quantization, weightBytes: placing.weightBytes,
      engine: serving.engine, placement: placement, workload: request.workload)
    asked.settings = settings
    guard var one = asked.speedCase().speedCase else { return nil }
    one.device = pool.device(for: serving.engine)
    one.model = request.traits
    if let bridged = machine.accelerators.first?.interconnectDevices?.value, one.ways > Double(bridged) {
      one.device.reachThroughHost(at: machine.accelerators.compactMap { $0.hostGigabytesPerSecond?.value })
    }
    let input = Double(max(1, request.workload.inputTokens))
    let output = Double(max(1, request.workload.outputTokens))
    return SizingServer(
      engine: serving.engine, quantization: request.quantizations[quantization], placement: placement,
      settings: settings, devices: max(1, placement.devices.count),
      load: ServerLoad(speedCase: one, inputTokens: input, outputTokens: output),
      quantities: estimator.quantities(for: one),
      widths: (
        estimator.band(1, .servingTimeToFirstToken, one)?.high ?? 1,
        estimator.band(1, .servingTimePerOutputToken, one)?.high ?? 1
      ))
  }

  /// llama.cpp with experts or layers in the host's memory, where nothing holds the model on the devices alone.
  ///
  /// What is left on the devices for the cache grows with what is moved, and so does the time of a step: several shares
  /// are tried.
  mutating func offloaded(_ box: SizingBox, on pool: DevicePool) -> [SizingServer] {
    guard !box.isCounted, !pool.isProcessor, machine.memory.totalBytes != nil,
      machine.accelerators.allSatisfy({ $0.sharesMemory != true })
    else { return [] }
    var found: [SizingServer] = []
    for index in request.quantizations.indices {
      guard let serving = engines[index].first(where: { $0.engine == .llamaCpp }) else { continue }
      for slots in [1, 4, 16, 64] {
        var placing = placings[index]
        placing.workload.concurrency = slots
        let choice = placing.layers()
        let isSplit = choice.settings.cpuMoeLayers > 0 || choice.placement.gpuLayers ?? 0 > 0
        guard choice.refusal == nil, isSplit,
          var server = server(index, serving, choice.placement, choice.settings, on: pool)
        else { break }
        server.hold(slots: slots)
        server.fill(for: request)
        guard server.concurrency > 0 else {
          refuseOffloaded(server)
          break
        }
        found.append(server)
      }
    }
    return found
  }
}
