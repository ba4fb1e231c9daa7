public import Models
public import Units
import Hardware

/// llama.cpp's memory: placement of layers on devices as the engine does it, exact caches, the graph's buffer, and what
/// the process takes besides.
public struct LlamaCppMemoryRules: MemoryRules {
  private let memory: LlamaMemory?
  private let sums = FormSums<LlamaWeightSums>()

  public init() { memory = nil }

  /// Keeps what was worked out about one model, for a caller that asks about it many times.
  public init(for model: Model) { memory = LlamaMemory(model) }

  public func footprint(_ asked: Question) -> Result<MemoryFootprint, Reason> {
    let question = asked.with(
      asked.settings.holdingPrompts(
        of: asked.model.task, contextLength: asked.contextLength, parallel: asked.parallel))
    let memory = self.memory ?? LlamaMemory(question.model)
    let placement = LlamaPlacement(question)
    if let refusal = placement.refusal { return .failure(refusal) }
    return memory.needs(
      contextLength: question.contextLength, sequences: question.parallel, kvType: question.kvType,
      settings: question.settings
    ).map { needs in
      var tally = LlamaDeviceTally(question, placement, needs)
      if placement.isByLayer {
        tally.addWeights(sums.of(question.form) { LlamaWeightSums($0) })
      } else {
        tally.addWeights()
      }
      tally.addContext()
      tally.addCompanions()
      return MemoryFootprint(devices: tally.devices())
    }
  }
}

/// What each device holds, summed tensor by tensor and layer by layer.
struct LlamaDeviceTally {
  private let question: Question
  private let placement: LlamaPlacement
  private let needs: LlamaMemory.Needs
  private var weights: [ByteCount]
  private var caches: [ByteCount]
  private var states: [ByteCount]
  private var repacked = ByteCount.zero
  private var companions: [ByteCount]

  init(_ question: Question, _ placement: LlamaPlacement, _ needs: LlamaMemory.Needs) {
    self.question = question
    self.placement = placement
    self.needs = needs
    let empty = [ByteCount](repeating: .zero, count: placement.devices.count + 1)
    weights = empty
    caches = empty
    states = empty
    companions = empty
  }

  mutating func addWeights() {
    for tensor in question.tensors {
      let slot = placement.slot(of: tensor.name)
      add(tensor.bytes, to: \.weights, slot, placement.split?.shares(of: tensor))
      if slot == 0, LlamaRepacking.isRepacked(tensor) { repacked += tensor.bytes }
      // A tied matrix is read on the host and multiplied on the output's device.
      if tensor.name == "token_embd.weight", question.model.shape.hasTiedEmbeddings, placement.outputSlot != 0 {
        add(tensor.bytes, to: \.weights, placement.outputSlot, placement.split?.shares(of: tensor))
      }
    }
  }

  /// The same by sums over what always lies together.
  mutating func addWeights(_ sums: LlamaWeightSums) {
    for group in sums.groups {
      let slot = placement.slot(of: group.part)
      weights[slot] += group.bytes
      if slot == 0 { repacked += group.repacked }
    }
    if question.model.shape.hasTiedEmbeddings, placement.outputSlot != 0 {
      weights[placement.outputSlot] += sums.embeddings
    }
  }

  /// Adds to one slot, or to every device its share where layers are cut over all of them.
  private mutating func add(
    _ bytes: ByteCount, to part: WritableKeyPath<Self, [ByteCount]>, _ slot: Int, _ shares: LlamaTensorSplit.Shares?
  ) {
    guard slot > 0, let shares else { return self[keyPath: part][slot] += bytes }
    for (offset, share) in shares.enumerated() { self[keyPath: part][offset + 1] += bytes.scaled(by: share) }
  }

  mutating func addContext() {
    for (index, bytes) in needs.cache.enumerated() {
      add(bytes, to: \.caches, placement.slot(ofLayer: index), placement.split?.sharesOfCache(index))
    }
    for (index, bytes) in needs.state.enumerated() {
      add(bytes, to: \.states, placement.slot(ofLayer: index), placement.split?.sharesOfState(index))
    }
  }

  /// Adds projector, draft model and adapters, on the output's device.
  mutating func addCompanions() {
    for companion in question.companions {
      // A projector's own graph takes about two fifths of its weights.
      let factor = companion.role == .projector ? 1.4 : companion.role == .draft ? 1.15 : 1
      companions[placement.outputSlot] += companion.file.bytes.scaled(by: factor)
    }
  }

  func devices() -> [DeviceMemory] {
    let accelerators = placement.devices.enumerated().map { offset, device in accelerator(offset + 1, device) }
    return accelerators + [host()]
  }

  private func exact(_ bytes: ByteCount, _ detail: String) -> Figure<ByteCount> { Figure(bytes, .computed, detail) }

  private func host() -> DeviceMemory {
    let isAlone = placement.devices.isEmpty
    let inputs = ByteCount(question.model.shape.embeddingLength) * 12 * question.settings.ubatch
    let compute =
      isAlone
      ? needs.compute
      : Figure(inputs, Source(.computed, "inputs of a batch"), low: .zero, high: needs.compute.value)
    return DeviceMemory(
      name: "cpu", usableBytes: question.machine.usableHostBytes,
      components: MemoryComponents(
        weights: Figure(weights[0] + companions[0], .header, "tensors on the host"),
        kvCache: exact(caches[0], "llama.cpp's cache by layer"),
        recurrentState: exact(states[0], "llama.cpp's state by layer"), compute: compute,
        output: exact(needs.output, "logits of each slot"), overhead: hostOverhead()))
  }

  /// The process with its vocabulary, copies of weights that it repacks, and what it remembers of each slot.
  ///
  /// Measured on the packaged server (11549) with two models at three lengths; a bare llama-server takes 17 MiB less.
  private func hostOverhead() -> Figure<ByteCount> {
    let process = ByteCount.mebibytes(46) + ByteCount(213) * question.model.shape.vocabularySize
    let copies = question.settings.memoryMap ? repacked : .zero
    // A prompt leaves two of them, near its end; a conversation leaves as many as are allowed.
    let remembered = needs.checkpoint * question.parallel
    return Figure(
      process + copies + remembered.scaled(by: 1.5),
      Source(
        .measured,
        "resident memory of llama-server beyond its buffers, by vocabulary; weights it repacks; checkpoints of slots"),
      low: process.scaled(by: 0.6), high: process.scaled(by: 1.25) + copies + remembered * LlamaCpp.contextCheckpoints)
  }

  private func accelerator(_ slot: Int, _ device: Int) -> DeviceMemory {
    let count = placement.devices.count
    // With several devices the scheduler keeps copies of the inputs, masks above all.
    let copies = count > 1 ? ByteCount(6) * question.settings.ubatch * question.contextLength : .zero
    let graph = needs.compute.value + copies
    let isPartial = placement.slot(ofLayer: 0) == 0
    return DeviceMemory(
      name: "gpu\(device)", usableBytes: question.machine.usableBytes(ofAccelerator: device),
      components: MemoryComponents(
        weights: Figure(weights[slot] + companions[slot], .header, "tensors on this device"),
        kvCache: exact(caches[slot], "llama.cpp's cache by layer"),
        recurrentState: exact(states[slot], "llama.cpp's state by layer"),
        compute: Figure(
          graph, Source(.computed, "llama.cpp's allocator over the graph; the device's own padding is not known"),
          low: graph.scaled(by: 0.8), high: graph.scaled(by: isPartial ? 2.5 : 1.4)),
        output: exact(.zero, "logits are kept in the host's memory"),
        overhead: Figure(
          .mebibytes(320), Source(.measured, "CUDA context and cuBLAS, as Unsloth Studio measured"),
          low: .mebibytes(150), high: .mebibytes(600))))
  }
}
