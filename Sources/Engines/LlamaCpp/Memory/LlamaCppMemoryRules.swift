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
      asked.settings.asServed(
        for: asked.model.task, contextLength: asked.contextLength, parallel: asked.parallel,
        guesses: asked.guesses))
    let memory = self.memory ?? LlamaMemory(question.model)
    let placement = LlamaPlacement(question)
    if let refusal = placement.refusal { return .failure(refusal) }
    return memory.needs(
      contextLength: question.contextLength, sequences: question.parallel, kvType: question.kvType,
      settings: question.settings, work: placement.work
    ).map { needs in
      var tally = LlamaDeviceTally(question, placement, needs)
      if placement.isByLayer {
        tally.addWeights(sums.of(question.form) { LlamaWeightSums($0) })
      } else {
        tally.addWeights()
      }
      tally.addContext()
      tally.addCompanions()
      return MemoryFootprint(devices: tally.devices(), details: tally.details)
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
  /// The largest matrix on the host that a device multiplies with where a batch is long enough.
  private var staged = ByteCount.zero
  private var companions: [ByteCount]
  private var projector: LlamaProjector?

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
    for tensor in question.tensors where isLoaded(tensor) {
      let slot = placement.slot(of: tensor.name)
      add(tensor.bytes, to: \.weights, slot, placement.split?.shares(of: tensor))
      if slot == 0, LlamaRepacking.isRepacked(tensor) { repacked += tensor.bytes }
      if slot == 0, tensor.dimensions.count > 1, LlamaWeightSums.Part(tensor.name) != .host {
        staged = max(staged, tensor.bytes)
      }
      // A tied matrix is read on the host and multiplied on the output's device.
      if tensor.name == "token_embd.weight", question.model.shape.hasTiedEmbeddings, placement.outputSlot != 0 {
        add(tensor.bytes, to: \.weights, placement.outputSlot, placement.split?.shares(of: tensor))
      }
    }
  }

  /// The same by sums over what always lies together.
  mutating func addWeights(_ sums: LlamaWeightSums) {
    for group in sums.groups where isLoaded(group.part) {
      let slot = placement.slot(of: group.part)
      weights[slot] += group.bytes
      if slot == 0 { repacked += group.repacked }
      if slot == 0, group.part != .host { staged = max(staged, group.largest) }
    }
    if question.model.shape.hasTiedEmbeddings, placement.outputSlot != 0 {
      weights[placement.outputSlot] += sums.embeddings
    }
  }

  /// Blocks that predict further tokens are passed over while loading unless they guess (`TENSOR_SKIP`, 11434).
  private func isLoaded(_ tensor: Tensor) -> Bool {
    question.settings.usesPredictionLayers || !question.model.isOfPrediction(tensor)
  }

  private func isLoaded(_ part: LlamaWeightSums.Part) -> Bool {
    guard !question.settings.usesPredictionLayers, case .layer(let index, _) = part else { return true }
    return index < question.model.layers.count - question.model.shape.nextTokenPredictionLayers
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

  /// Adds the projector on the first device, a draft model on the output's, and adapters where the weights are that they
  /// change.
  mutating func addCompanions() {
    for companion in question.companions where companion.role == .draft {
      companions[placement.outputSlot] += companion.file.bytes.scaled(by: 1.15)
    }
    let whole = Double(max(1, weights.reduce(.zero, +).bytes))
    for companion in question.companions where companion.role == .adapter {
      for slot in weights.indices {
        companions[slot] += companion.file.bytes.scaled(by: Double(weights[slot].bytes) / whole)
      }
    }
    for companion in question.companions where companion.role == .projector {
      let projector = LlamaProjector(companion, flash: question.settings.flashAttention)
      companions[projectorSlot] += projector.weights
      self.projector = projector
    }
  }

  private var projectorSlot: Int { placement.devices.isEmpty ? 0 : 1 }

  /// Figures of its own parts.
  var details: [String: Figure<Int>] {
    guard let projector else { return [:] }
    let compute = projector.compute
    return [
      "projectorBytes": Figure(projector.weights.bytes, .header, "the projector's file"),
      "projectorComputeBytes": Figure(
        compute.value.bytes, compute.source, low: compute.low?.bytes, high: compute.high?.bytes),
    ]
  }

  /// A buffer with that of the projector, where it lies on the same device.
  private func withProjector(_ figure: Figure<ByteCount>, _ slot: Int) -> Figure<ByteCount> {
    guard let projector, slot == projectorSlot else { return figure }
    let other = projector.compute
    var source = figure.source
    source.detail += "; with the projector's"
    return Figure(
      figure.value + other.value, source, low: (figure.low ?? figure.value) + (other.low ?? other.value),
      high: (figure.high ?? figure.value) + (other.high ?? other.value))
  }

  /// A buffer with that of the prediction layers, which compute where the model's output does.
  private func withPrediction(_ figure: Figure<ByteCount>, _ slot: Int) -> Figure<ByteCount> {
    guard let other = needs.prediction, slot == placement.outputSlot else { return figure }
    var source = figure.source
    source.detail += "; with the prediction layers'"
    return Figure(
      figure.value + other.value, source, low: (figure.low ?? figure.value) + (other.low ?? other.value),
      high: (figure.high ?? figure.value) + (other.high ?? other.value))
  }

  func devices() -> [DeviceMemory] {
    let accelerators = placement.devices.enumerated().map { offset, device in accelerator(offset + 1, device) }
    return accelerators + [host()]
  }

  private func exact(_ bytes: ByteCount, _ detail: String) -> Figure<ByteCount> { Figure(bytes, .computed, detail) }

  private func host() -> DeviceMemory {
    let isAlone = placement.devices.isEmpty
    let inputs = ByteCount(needs.split?.host ?? 0)
    // Layers that lie here are computed here for short batches.
    let own = isPartial ? max(needs.compute.high ?? needs.compute.value, inputs) : inputs
    let compute =
      isAlone
      ? withPrediction(needs.compute, 0)
      : Figure(
        inputs, Source(.computed, "inputs of a batch and their embeddings"),
        low: inputs.scaled(by: 0.25), high: max(own, inputs * 2) + .mebibytes(16))
    return DeviceMemory(
      name: "cpu", usableBytes: question.machine.usableHostBytes,
      components: MemoryComponents(
        weights: Figure(weights[0] + companions[0], .header, "tensors on the host"),
        kvCache: exact(caches[0], "llama.cpp's cache by layer"),
        recurrentState: exact(states[0], "llama.cpp's state by layer"), compute: withProjector(compute, 0),
        output: output, overhead: hostOverhead()))
  }

  /// The process with its vocabulary, copies of weights that it repacks, and what it remembers of each slot.
  ///
  /// Measured on the packaged server (11549) with two models at three lengths; a bare llama-server takes 17 MiB less.
  private func hostOverhead() -> Figure<ByteCount> {
    // A draft has a vocabulary of its own, and a context beside the server's (measured: 22 MiB for 49,152 tokens).
    let draft =
      question.draft.map { draft in
        .mebibytes(12) + ByteCount(question.settings.usesPredictionLayers ? 0 : 213) * draft.model.shape.vocabularySize
      } ?? .zero
    let process = .mebibytes(46) + ByteCount(213) * question.model.shape.vocabularySize + draft
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

  /// What is handed out: logits of each slot, with a draft those of its guesses too.
  ///
  /// An embedder's every token is an output: of a decoder's the logits are copied beside the vectors, and the buffer has grown to
  /// the longest batch once that came (`output_reserve`, 11434; measured with 3,901 tokens: 1.73 GiB of 1.82 planned).
  private var output: Figure<ByteCount> {
    guard question.model.task != .generation else {
      return exact(needs.output * (question.guesses + 1), "logits of each slot")
    }
    let shape = question.model.shape
    let width = shape.embeddingLength + (shape.isEncoderOnly ? 0 : shape.vocabularySize)
    let rows = min(question.settings.batch, question.contextLength)
    return Figure(
      max(ByteCount(4 * width) * rows, needs.output), Source(.computed, "a row for each token of the longest batch"),
      low: needs.output)
  }

  private var isPartial: Bool { staged > .zero }

  /// The buffer of one device: its part of the graph, or a block with a matrix that is copied from the host, as is done for
  /// batches of 32 tokens and more.
  private func compute(_ slot: Int) -> Figure<ByteCount> {
    let hasOutput = slot == placement.outputSlot || placement.split != nil
    let parts = needs.split?.parts ?? []
    let part = parts.indices.contains(slot - 1) ? parts[slot - 1] : parts.first
    let blocks = ByteCount(needs.split?.blocksAlone ?? 0)
    let whole = hasOutput || parts.count > 1 ? ByteCount(part?.peak ?? 0) : blocks
    // Scores are gone before a feed-forward network's matrix comes.
    let block = blocks > needs.scores ? blocks - needs.scores : blocks
    let expected = max(whole, staged > .zero ? block + staged : .zero)
    // The band of a graph that is not described widens its parts alike. Builds differ in when the inputs' copies are free
    // again, and before 2026 had masks of 32 bits.
    let inputs = min(ByteCount(part?.inputs ?? 0), expected)
    let value = max(needs.compute.value.bytes, 1)
    func end(_ bytes: ByteCount?) -> Double { Double(bytes?.bytes ?? value) / Double(value) }
    return Figure(
      expected,
      Source(
        .computed,
        staged > .zero
          ? "llama.cpp's allocator over the device's part of the graph, and \(staged) of weights that are copied from the host"
          : "llama.cpp's allocator over the device's part of the graph"),
      low: (expected - inputs).scaled(by: 0.85 * min(1, end(needs.compute.low))),
      high: expected.scaled(by: (isPartial ? 1.3 : 1.15) * max(1, end(needs.compute.high))) + inputs + .mebibytes(24))
  }

  private func overheadSource(_ device: Int) -> Source {
    let all = question.machine.accelerators
    let isMeasured = all.indices.contains(device) && all[device].vendor.value == .nvidia
    return isMeasured
      ? Source(.measured, "the driver's context and libraries, measured with CUDA by Unsloth Studio")
      : Source(.assumed, "the driver's context and libraries: as with CUDA, for want of a measurement")
  }

  private func accelerator(_ slot: Int, _ device: Int) -> DeviceMemory {
    DeviceMemory(
      name: "gpu\(device)", usableBytes: question.machine.usableBytes(ofAccelerator: device),
      components: MemoryComponents(
        weights: Figure(weights[slot] + companions[slot], .header, "tensors on this device"),
        kvCache: exact(caches[slot], "llama.cpp's cache by layer"),
        recurrentState: exact(states[slot], "llama.cpp's state by layer"),
        compute: withPrediction(withProjector(compute(slot), slot), slot),
        output: exact(.zero, "logits are kept in the host's memory"),
        overhead: Figure(
          .mebibytes(320),
          overheadSource(device),
          low: .mebibytes(150), high: .mebibytes(600))))
  }
}
