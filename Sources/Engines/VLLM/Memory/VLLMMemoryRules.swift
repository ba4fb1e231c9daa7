import Models
public import Units
import Hardware

/// vLLM's memory on each rank: a share of the device that is filled with weights, activations, graphs, and cache.
public struct VLLMMemoryRules: MemoryRules {
  public init() {}

  public func footprint(_ question: MemoryQuestion) -> Result<MemoryFootprint, Reason> {
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

  private func conditions(_ question: MemoryQuestion, onGPU: Bool) -> VLLMPages.Conditions? {
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
    return VLLMPages.Conditions(
      blockTokens: onGPU || isLatent ? 16 : 128, cacheElementBytes: cacheBytes, modelElementBytes: modelBytes,
      tensorParallel: question.placement.tensorParallel, contextLength: question.contextLength)
  }

  private var batchedTokens: Int { 2048 }

  private func budget(_ question: MemoryQuestion, onGPU: Bool) -> VLLMBudget {
    let companions = question.companions.reduce(ByteCount.zero) { $0 + $1.file.bytes }
    return VLLMBudget(
      question.model, weightBytes: question.tensors.reduce(companions) { $0 + $1.bytes },
      tensorParallel: question.placement.tensorParallel, pipelineParallel: question.placement.pipelineParallel,
      dataParallel: question.placement.dataParallel,
      batchedTokens: max(batchedTokens, min(question.contextLength, 8192)),
      enforceEager: question.settings.enforceEager, onGPU: onGPU)
  }

  /// On a CPU the cache has the size that it is given, by default 4 GiB.
  private func hostFootprint(_ question: MemoryQuestion, _ pages: VLLMPages?) -> Result<MemoryFootprint, Reason> {
    let pool = question.settings.kvMemory ?? .gibibytes(4)
    if pool.bytes % (1 << 30) != 0 {
      return .failure(
        Reason(
          .fractionalKVMemory, "vLLM on a CPU takes whole GiB for its cache, not \(pool)",
          remedy: "use --kv-memory \"\(pool.bytes >> 30 + 1) GiB\""))
    }
    let budget = budget(question, onGPU: false)
    return fitted(question, pages, pool: pool).map { details in
      MemoryFootprint(
        devices: [
          device("cpu", question.machine.usableHostBytes, budget, cache: pool, pages: pages)
        ], details: details)
    }
  }

  private func deviceFootprint(_ question: MemoryQuestion, _ pages: VLLMPages?, _ devices: [Int])
    -> Result<MemoryFootprint, Reason>
  {
    let budget = budget(question, onGPU: true)
    var shares: [(name: String, usable: Figure<ByteCount>)] = []
    for index in devices {
      let whole =
        question.machine.accelerators.indices.contains(index)
        ? question.machine.accelerators[index].memoryBytes?.value : nil
      guard let whole else {
        return .failure(Reason(.unknownMemory, "how much memory gpu\(index) has is not known"))
      }
      let requested = whole.scaled(by: question.settings.gpuMemoryUtilization)
      if let excess = excess(budget, requested, "gpu\(index)") { return .failure(excess) }
      let source = Source(.computed, "\(question.settings.gpuMemoryUtilization) of \(whole)")
      shares.append(("gpu\(index)", Figure(requested, source)))
    }
    // Every worker of vLLM's has as many blocks as the one with the least room (`get_kv_cache_configs`).
    let least = shares.map(\.usable.value).min() ?? .zero
    let pool = question.settings.kvMemory ?? budget.cache(in: least)
    return fitted(question, pages, pool: pool).map { details in
      MemoryFootprint(
        devices: shares.map { device($0.name, $0.usable, budget, cache: pool, pages: pages) }, details: details)
    }
  }

  /// vLLM does not start with a length beyond the configuration's (`_get_and_verify_max_len`), unless positions are scaled.
  private static func lengthRefusal(_ question: MemoryQuestion) -> Reason? {
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
    let others = budget.activations.value + budget.graphs.value + budget.overhead.value
    let need = budget.weights + others
    guard need > requested else { return nil }
    return Reason(
      .insufficientMemory,
      "the weights do not fit: \(budget.weights) of them and \(others) of buffers on \(name), of which vLLM may fill "
        + "\(requested): \(need - requested) too much",
      remedy: "use a smaller quantization or more devices, or a GGUF with llama.cpp, which leaves a part on the host")
  }

  /// Returns the pool's figures, or why not even one request of the whole context has room in it.
  private func fitted(_ question: MemoryQuestion, _ pages: VLLMPages?, pool: ByteCount)
    -> Result<[String: Figure<Int>], Reason>
  {
    guard let pages else { return .success([:]) }
    // A stage holds its share of the layers only, so its pool has that many more blocks.
    let stages = max(1, question.placement.pipelineParallel)
    let blocks = pages.blocks(in: pool, stages: stages)
    let copies = max(1, question.placement.dataParallel)
    let needed = pages.blocksPerRequest(tokens: question.contextLength, batchedTokens: batchedTokens)
    guard blocks >= needed else {
      return .failure(
        Reason(
          .insufficientMemory,
          "one request of \(question.contextLength) tokens takes \(needed) blocks of cache, there is room for \(blocks)",
          remedy: "use a shorter context, a higher --gpu-memory-utilization or more devices"))
    }
    func figure(_ value: Int, _ detail: String) -> Figure<Int> { Figure(value, .computed, detail) }
    return .success([
      "kvBlocks": figure(blocks, "cache divided by pages of a group"),
      "kvBlockTokens": figure(pages.blockTokens, "vLLM's block"),
      "kvPageBytes": figure(pages.pageBytes.bytes, "block of one layer"),
      "concurrentRequests": figure(
        blocks / max(1, needed) * copies,
        "blocks divided by those of one request" + (copies > 1 ? ", in each of \(copies) copies" : "")),
    ])
  }

  private func device(
    _ name: String, _ usable: Figure<ByteCount>?, _ budget: VLLMBudget, cache: ByteCount, pages: VLLMPages?
  ) -> DeviceMemory {
    let overhead = Figure(
      budget.overhead.value + budget.graphs.value, budget.overhead.source,
      low: (budget.overhead.low ?? .zero) + (budget.graphs.low ?? .zero),
      high: budget.overhead.value + budget.graphs.value)
    // Activations come out of the same share as the cache: what they do not take, the cache does.
    return DeviceMemory(
      name: name, usableBytes: usable,
      components: MemoryComponents(
        weights: Figure(budget.weights, .header, "tensors of one rank"),
        kvCache: Figure(cache, .computed, "what is left for the cache"),
        recurrentState: Figure(.zero, .computed, "part of the cache's pages"),
        compute: Figure(budget.activations.value, budget.activations.source, low: budget.activations.low),
        output: Figure(.zero, .computed, "part of the activations"), overhead: overhead))
  }
}
