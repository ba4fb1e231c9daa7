import Models
public import Units
import Hardware

/// vLLM's memory on each rank: a share of the device that is filled with weights, activations, graphs, and cache.
public struct VLLMMemoryRules: MemoryRules {
  private let sums = FormSums<VLLMWeights>()

  public init() {}

  public func footprint(_ question: Question) -> Result<MemoryFootprint, Reason> {
    if let refusal = Self.lengthRefusal(question) { return .failure(refusal) }
    let devices = question.placement.devices
    let conditions = conditions(question, onGPU: !devices.isEmpty)
    guard let conditions else {
      return .failure(
        Reason(.unsupportedKVType, "vLLM has no cache type \(question.kvType.key)", remedy: "use auto or fp8"))
    }
    let pages = VLLMPages(question.model, conditions)
    return devices.isEmpty ? hostFootprint(question, pages) : deviceFootprint(question, pages, devices)
  }

  private func conditions(_ question: Question, onGPU: Bool) -> VLLMPages.Conditions? {
    let modelBytes =
      question.tensors.contains { $0.type == "F32" && $0.dimensions.count > 1 }
        && !question.tensors.contains { ["BF16", "F16"].contains($0.type) } ? 4 : 2
    let cacheBytes: Int
    switch question.kvType.key {
    case "auto", "f16", "bf16", "float16", "bfloat16": cacheBytes = modelBytes
    case let name where name.hasPrefix("fp8"): cacheBytes = 1
    default: return nil
    }
    let isLatent = question.model.layers.contains { $0.kind == .latent }
    // The CPU's kernels want long blocks; those of latent attention stay short.
    var conditions = VLLMPages.Conditions(
      blockTokens: onGPU || isLatent ? 16 : 128, cacheElementBytes: cacheBytes, modelElementBytes: modelBytes,
      tensorParallel: question.placement.tensorParallel, contextLength: question.contextLength)
    conditions.usesPredictionLayers = question.settings.usesPredictionLayers
    conditions.draft = conditions.usesPredictionLayers ? nil : question.draft?.model
    return conditions
  }

  /// Tokens of one step: as asked, else the engine's own default for the device, 2048 on processors.
  private func batchedTokens(_ question: Question) -> Int {
    if question.settings.isBatchStated == true { return max(1, question.settings.batch) }
    return question.placement.devices.first.flatMap { device($0, question)?.batchedTokens } ?? 2048
  }

  private func device(_ index: Int, _ question: Question) -> VLLMDevice? {
    let machine = question.machine
    guard machine.accelerators.indices.contains(index), let memory = machine.visibleBytes(ofAccelerator: index)?.value
    else { return nil }
    let accelerator = machine.accelerators[index]
    let maker = accelerator.vendor.value
    return VLLMDevice(
      isAMD: maker == .amd, isShared: accelerator.sharesMemory == true, memory: memory,
      computeCapability: accelerator.computeCapability)
  }

  /// Bytes of prediction layers that guess and that the form's tensors do not have: of a configuration alone.
  private func unlistedPrediction(_ question: Question) -> ByteCount {
    guard question.settings.usesPredictionLayers, let predictor = question.draft?.model,
      !question.tensors.contains(where: question.model.isOfPrediction)
    else { return .zero }
    return predictor.tensors.reduce(.zero) { $0 + $1.bytes }
  }

  private func budget(_ question: Question) -> VLLMBudget {
    let companions = question.companions.filter { $0.role != .adapter }.reduce(unlistedPrediction(question)) {
      $0 + $1.file.bytes
    }
    let adapters = VLLMAdapters(
      question.model, places: question.companions.count { $0.role == .adapter },
      rank: question.settings.loraRank.flatMap(VLLMAdapters.rank) ?? 0)
    let placement = question.placement
    let device = placement.devices.first.flatMap { self.device($0, question) }
    // On processors the whole of a short context is one step.
    let tokens =
      device == nil && question.settings.isBatchStated != true
      ? max(2048, min(question.contextLength, 8192)) : batchedTokens(question)
    let rank = VLLMBudget.Rank(
      tensorParallel: placement.tensorParallel, pipelineParallel: placement.pipelineParallel,
      dataParallel: placement.dataParallel, batchedTokens: tokens, sequences: question.parallel,
      enforceEager: question.settings.enforceEager, device: device)
    return VLLMBudget(
      question.model, form: question.form.name,
      weights: sums.of(question.form) { VLLMWeights($0) }
        .adding(cut: companions + adapters.cut, copied: adapters.copied),
      rank,
      expertPadding: device.map { VLLMExpertPadding.factor(question, $0) } ?? 1)
  }

  /// On a CPU the cache has the size that it is given, by default 4 GiB.
  private func hostFootprint(_ question: Question, _ pages: VLLMPages?) -> Result<MemoryFootprint, Reason> {
    let pool = question.settings.kvMemory ?? .gibibytes(4)
    if pool.bytes % (1 << 30) != 0 {
      return .failure(
        Reason(
          .fractionalKVMemory, "vLLM on a CPU takes whole GiB for its cache, not \(pool)",
          remedy: "use --kv-memory \"\(pool.bytes >> 30 + 1) GiB\""))
    }
    let budget = budget(question)
    return held(question, pages, pool: Figure(pool, .computed, "the cache's own size")).map { details, requests in
      let memory = DeviceMemory(
        name: "cpu", usableBytes: question.machine.usableHostBytes,
        components: components(budget, cache: Figure(pool, .computed, "the cache's own size")))
      return MemoryFootprint(devices: [memory], details: details, pool: requests)
    }
  }

  private func deviceFootprint(_ question: Question, _ pages: VLLMPages?, _ devices: [Int])
    -> Result<MemoryFootprint, Reason>
  {
    let budget = budget(question)
    var shares: [(name: String, share: ByteCount, listed: ByteCount, usable: Figure<ByteCount>)] = []
    for index in devices {
      guard let whole = question.machine.visibleBytes(ofAccelerator: index)?.value else {
        return .failure(Reason(.unknownMemory, "how much memory gpu\(index) has is not known"))
      }
      let share = whole.scaled(by: question.settings.gpuMemoryUtilization)
      if let excess = excess(budget, share, "gpu\(index)") { return .failure(excess) }
      // What a driver keeps is nobody's, whatever share is stated.
      let usable =
        question.machine.usableBytes(ofAccelerator: index)
        ?? Figure(share, .computed, "\(question.settings.gpuMemoryUtilization) of \(whole)")
      // Under Windows and in virtual machines a process sees all that the driver lists.
      let listed = question.machine.listedBytes(ofAccelerator: index) ?? whole
      shares.append(("gpu\(index)", share, listed.scaled(by: question.settings.gpuMemoryUtilization), usable))
    }
    // Every worker of vLLM's has as many blocks as the one with the least room (`get_kv_cache_configs`).
    let least = shares.map(\.share).min() ?? .zero
    let stated = question.settings.kvMemory.map { Figure($0, .user, "as asked") }
    let pool = stated ?? budget.cache(in: least, atMost: shares.map(\.listed).min() ?? least)
    return held(question, pages, pool: pool).map { details, requests in
      var details = details
      details["graphBytes"] = counted(budget.graphs)
      details["overheadBytes"] = counted(budget.overhead)
      let memories = shares.map { share in
        let parts = components(budget, cache: pool)
        let expected = parts.all.reduce(ByteCount.zero) { $0 + $1.figure.value }
        // What the buffers take more or less, the cache has less or more: what comes after it alone adds to the share.
        let total = Figure(
          expected, Source(.computed, "a share of \(share.share), and what is taken after the cache was made"),
          low: expected.scaled(by: 0.97), high: expected + budget.growth)
        return DeviceMemory(name: share.name, usableBytes: share.usable, components: parts, total: total)
      }
      return MemoryFootprint(devices: memories, details: details, pool: requests)
    }
  }

  /// vLLM does not start with a length beyond the configuration's (`_get_and_verify_max_len`), unless positions are scaled.
  private static func lengthRefusal(_ question: Question) -> Reason? {
    let shape = question.model.shape
    let most = max(shape.contextLength, Int(shape.extras["context_length.scaled"] ?? 0))
    guard shape.contextLength > 0, question.contextLength > most else { return nil }
    return Reason(
      .unsupportedContext,
      "vLLM refuses a context of \(question.contextLength) tokens: config.json allows \(most) (max_position_embeddings)",
      remedy: "plan with --context \(most), or give the model rope scaling in its config.json")
  }

  /// Says that the weights alone, or with what every run needs, are more than the share of a device; nil where they fit.
  private func excess(_ budget: VLLMBudget, _ requested: ByteCount, _ name: String) -> Reason? {
    let others = budget.taken - budget.weights.value
    let need = budget.taken
    guard need > requested else { return nil }
    return Reason(
      .insufficientMemory,
      "the weights do not fit: \(budget.weights.value) of them and \(others) of buffers on \(name), of which vLLM may fill "
        + "\(requested): \(need - requested) too much",
      remedy: "use a smaller quantization or more devices, or a GGUF with llama.cpp, which leaves a part on the host")
  }

  /// Returns the pool's figures and the requests that have room in it, or why not even one of the whole context has.
  private func held(_ question: Question, _ pages: VLLMPages?, pool: Figure<ByteCount>)
    -> Result<(details: [String: Figure<Int>], pool: CachePool?), Reason>
  {
    guard let pages else { return .success(([:], nil)) }
    // A stage holds its share of the layers only, so its pool has that many more blocks.
    let stages = max(1, question.placement.pipelineParallel)
    let copies = max(1, question.placement.dataParallel)
    let blocks = pages.blocks(in: pool.value, stages: stages)
    let batchedTokens = batchedTokens(question)
    let needed = max(1, pages.blocksPerRequest(tokens: question.contextLength, batchedTokens: batchedTokens))
    guard blocks >= needed else {
      return .failure(
        Reason(
          .insufficientMemory,
          "one request of \(question.contextLength) tokens takes \(needed) blocks of cache, there is room for \(blocks)",
          remedy: "use a shorter context, a higher --gpu-memory-utilization or more devices"))
    }
    let load = question.workload
    let midway = max(
      1,
      pages.blocksPerRequest(
        tokens: load.inputTokens + load.outputTokens / 2, batchedTokens: batchedTokens))
    let fewest = pages.blocks(in: pool.low ?? pool.value, stages: stages)
    let requests = CachePool(
      whole: blocks / needed * copies, least: fewest / needed * copies, usual: max(1, blocks / midway) * copies)
    func figure(_ value: Int, _ detail: String) -> Figure<Int> { Figure(value, .computed, detail) }
    return .success(
      (
        [
          "kvBlocks": figure(blocks, "cache divided by pages of a group"),
          "kvBlockTokens": figure(pages.blockTokens, "vLLM's block"),
          "kvPageBytes": figure(pages.pageBytes.bytes, "block of one layer"),
          "kvTokens": tokens(pages, question, needed, pool, stages),
          "concurrentRequests": figure(
            requests.whole,
            "blocks divided by those of one request" + (copies > 1 ? ", in each of \(copies) copies" : "")),
        ], requests
      ))
  }

  private func counted(_ figure: Figure<ByteCount>) -> Figure<Int> {
    Figure(figure.value.bytes, figure.source, low: figure.low?.bytes, high: figure.high?.bytes)
  }

  /// Tokens that the pool holds in requests of the whole context, as newer releases print them.
  private func tokens(
    _ pages: VLLMPages, _ question: Question, _ needed: Int, _ pool: Figure<ByteCount>, _ stages: Int
  ) -> Figure<Int> {
    func held(_ bytes: ByteCount) -> Int {
      let blocks = Double(pages.blocks(in: bytes, stages: stages))
      return Int(min(blocks / Double(needed) * Double(question.contextLength), 1e15))
    }
    return Figure(
      held(pool.value), Source(.computed, "requests of the whole context that have room, times its tokens"),
      low: pool.low.map(held), high: pool.high.map(held))
  }

  private func components(_ budget: VLLMBudget, cache: Figure<ByteCount>) -> MemoryComponents {
    let overhead = Figure(
      budget.overhead.value + budget.graphs.value, budget.overhead.source,
      low: (budget.overhead.low ?? .zero) + (budget.graphs.low ?? .zero),
      high: (budget.overhead.high ?? .zero) + (budget.graphs.high ?? .zero))
    return MemoryComponents(
      weights: budget.weights, kvCache: cache,
      recurrentState: Figure(.zero, .computed, "part of the cache's pages"), compute: budget.activations,
      output: Figure(.zero, .computed, "part of the activations"), overhead: overhead)
  }
}
