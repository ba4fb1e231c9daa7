import Engines
import Hardware
import Models
import Units

/// Finds what the boxes of one machine hold: every engine that says it can, every form, every number of devices.
///
/// A server's speed does not depend on how many others stand beside it, so each is worked out once for all counts.
struct SizingSearch {
  let request: SizingRequest
  let estimator: SpeedEstimator
  let machine: Machine
  let placings: [Placing]
  var servers: [Shape: SizingServer?] = [:]
  private(set) var engines: [[Serving]] = []
  /// The pools of a counted box, which differ by their number of devices alone.
  private var counted: [DevicePool]?
  private var engineRefusal: SizingRefusal?
  /// The nearest that the last box came to holding something.
  private(set) var nearest: SizingRefusal?

  /// An engine that can run a form of the model on the machine.
  struct Serving {
    var engine: EngineKind
    var rank: Double
  }

  /// What a server is, apart from how many stand beside it.
  struct Shape: Hashable {
    var pool: Int
    var engine: EngineKind
    var quantization: Int
    /// Devices that share each layer, and groups of them that have layers of their own.
    var ways: Int
    var stages: Int
    var isExpertParallel = false
  }

  init(_ request: SizingRequest, estimator: SpeedEstimator, on machine: Machine) {
    self.request = request
    self.estimator = estimator
    self.machine = machine
    placings = request.quantizations.map { quantization in
      var model = request.model
      model.format = quantization.modelFormat
      var workload = request.workload
      workload.concurrency = 1
      let weights = quantization.weightBytes(of: request.traits)
      return Placing(
        machine: machine, model: model, quantization: quantization.formName,
        weightBytes: ByteCount(Int(min(weights, 1e17))), workload: workload,
        contextLength: workload.inputTokens + workload.outputTokens)
    }
    engines = placings.map { placing in EngineKind.allCases.compactMap { serving($0, placing) } }
  }

  /// Keeps why something holds nothing where nothing else came nearer; words are made for what is kept alone.
  mutating func refuse(_ distance: Double, _ reason: (SizingSearch) -> Reason) {
    guard distance < nearest?.distance ?? .infinity else { return }
    nearest = SizingRefusal(reason: reason(self), distance: distance)
  }

  /// What an engine answers for a form of the model; a refusal is kept where it is about the machine and the form.
  private mutating func serving(_ kind: EngineKind, _ placing: Placing) -> Serving? {
    let engine = EngineCatalogue.engine(kind)
    let isApple = machine.accelerators.contains { $0.vendor.value == .apple }
    // MLX without Apple's GPU is for tests, and Ampere's build leaves accelerators idle: neither is bought for.
    guard isApple || kind != .mlx, machine.accelerators.isEmpty || kind != .ampereLlamaCpp else { return nil }
    switch engine.capability(of: placing.model, quantization: placing.quantization, on: machine) {
    case .no(let reason):
      // That another container is not read, or that this is no Ampere processor, says nothing of what would serve.
      if ![.unsupportedFormat, .wrongProcessor].contains(reason.code) {
        engineRefusal = engineRefusal ?? .engine(reason)
      }
      return nil
    case .yes(let notes):
      // Nothing is bought for a kernel that its engine does not list.
      if let unlisted = notes.first(where: { $0.code == .unlistedKernel }) {
        engineRefusal = engineRefusal ?? .engine(unlisted)
        return nil
      }
      // vLLM on processors is for who has safetensors alone.
      if kind == .vllm, machine.accelerators.isEmpty, request.quantizations.contains(where: { $0.format == "gguf" }) {
        return nil
      }
      return Serving(engine: kind, rank: EngineRule(kind, placing).rank)
    }
  }
}

// MARK: - Layouts of a box

extension SizingSearch {
  /// The layouts that hold at least one request: the best of all, and the best that keeps the model's quality.
  ///
  /// The engine that `choose` prefers comes first where it holds anything; among its layouts the one that holds most.
  mutating func layouts(of box: SizingBox) -> (best: SizingLayout?, quality: SizingLayout?) {
    nearest = engineRefusal
    var found = Found()
    let pools = pools(of: box)
    for pool in pools {
      for index in request.quantizations.indices {
        for serving in engines[index] {
          for (shape, replicas) in shapes(serving.engine, index, on: pool) {
            guard let server = server(shape, serving, on: pool) else { continue }
            found.keep(server, replicas, rank: serving.rank, on: pool, of: box)
          }
        }
      }
    }
    if found.best == nil, let pool = pools.last {
      for server in offloaded(box, on: pool) { found.keep(server, 1, rank: 0, on: pool, of: box) }
    }
    return (found.best?.layout, found.quality?.layout)
  }

  private mutating func pools(of box: SizingBox) -> [DevicePool] {
    guard box.isCounted else { return DevicePool.pools(of: box) }
    var pools = counted ?? DevicePool.pools(of: box)
    counted = pools
    for index in pools.indices { pools[index].islands = [box.accelerators] }
    return pools
  }

  /// The best so far, by the engine's rank, then by what the box holds.
  private struct Found {
    var best: (layout: SizingLayout, key: (Double, Double))?
    var quality: (layout: SizingLayout, key: (Double, Double))?

    mutating func keep(
      _ server: SizingServer, _ replicas: Int, rank: Double, on pool: DevicePool, of box: SizingBox
    ) {
      let key = (rank, server.capacity * Double(replicas))
      let isBest = best.map { key > $0.key } ?? true
      let isBestQuality = server.quantization.keepsQuality && (quality.map { key > $0.key } ?? true)
      guard isBest || isBestQuality else { return }
      let devices = server.hostBytes > 0 ? pool.count : server.devices * replicas
      let memory = pool.device(for: server.engine).memory * Double(devices)
      let layout = SizingLayout(box: box, server: server, replicas: replicas, memory: memory)
      if isBest { best = (layout, key) }
      if isBestQuality { quality = (layout, key) }
    }
  }

  /// The ways to divide a pool's devices among servers.
  private mutating func shapes(
    _ engine: EngineKind, _ quantization: Int, on pool: DevicePool
  ) -> [(Shape, replicas: Int)] {
    var shape = Shape(pool: pool.number, engine: engine, quantization: quantization, ways: 1, stages: 1)
    guard !pool.isProcessor, engine != .mlx else { return [(shape, 1)] }
    return engine.isLlamaCpp ? layerSplits(&shape, pool) : tensorCuts(shape, pool)
  }

  /// llama.cpp spreads layers over any number of devices, up to the 16 that a build knows (`GGML_CUDA_MAX_DEVICES`).
  private func layerSplits(_ shape: inout Shape, _ pool: DevicePool) -> [(Shape, replicas: Int)] {
    let most = min(pool.count, 16, request.model.layers.count + 1)
    guard !pool.isMixed else {
      guard most == pool.count else { return [] }
      shape.stages = most
      return [(shape, 1)]
    }
    let sizes = Set((1...pool.count).map { pool.count / $0 }).filter { $0 <= most }
    return sizes.sorted().map { size in
      shape.stages = size
      return (shape, pool.count / size)
    }
  }

  /// vLLM cuts tensors inside an island by the rules of `TensorDegree`, and puts layers in stages where one island is
  /// too small.
  private mutating func tensorCuts(_ shape: Shape, _ pool: DevicePool) -> [(Shape, replicas: Int)] {
    let placing = placings[shape.quantization]
    let degree = TensorDegree(model: placing.model, quantization: placing.quantization)
    let largest = pool.islands.first ?? 1
    var found: [(Shape, replicas: Int)] = []
    var isHeldInside = false
    for ways in Set([1, 2, 4, 8, 16, largest]).filter({ $0 <= largest }).sorted() {
      var shape = shape
      shape.ways = ways
      if let refusal = degree.refusal(ways) {
        guard degree.holdsExpertsWhole(ways) else {
          refuse(SizingRefusal.undividable) { _ in refusal }
          continue
        }
        shape.isExpertParallel = true
      }
      let groups = pool.islands.map { $0 / ways }.reduce(0, +)
      let room = max(pool.room(placing, .vllm), 1) * Double(ways)
      let stages = (need(placing, .vllm, ways: ways, devices: ways) / room).rounded(.up)
      isHeldInside = isHeldInside || stages <= 1
      shape.stages = Int(min(max(1, stages), Double(groups), Double(max(1, request.model.layers.count))))
      found.append((shape, groups / shape.stages))
    }
    // As placements go: whole layers in stages only where no island holds the model.
    return isHeldInside ? found.filter { $0.0.stages == 1 } : found
  }
}
