import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Engines

/// The shares of a model's tensors over devices, against the engine's rules worked out by hand.
@Suite struct TensorSplitTests {
  /// 6 heads over 3 key heads of 64, an inner width of 1536: groups of 128, blocks of 128 for a type of 32.
  private func question(devices: Int, split: Placement.SplitMode = .tensor, shares: [Double] = []) -> Question {
    let shape = ModelShape(embeddingLength: 384, vocabularySize: 1000, contextLength: 4096)
    let layer = Layer(
      kind: .full, headCount: 6, kvHeadCount: 3, keyLength: 64, valueLength: 64, feedForwardLength: 1536)
    var model = Model(
      name: "made", format: .gguf, architecture: "llama", shape: shape, layers: [layer, layer])
    let widths = [
      "attn_norm.weight": [384], "attn_q.weight": [384, 384], "attn_k.weight": [384, 192],
      "attn_output.weight": [384, 384], "ffn_up.weight": [384, 1536], "ffn_down.weight": [1536, 384],
    ]
    model.tensors = (0..<2).flatMap { index in
      widths.map { name, dimensions in
        Tensor(
          name: "blk.\(index).\(name)", dimensions: dimensions, type: "Q8_0",
          bytes: ByteCount(dimensions.reduce(1, *) / 32 * 34))
      }
    }
    model.tensors.append(
      Tensor(name: "output.weight", dimensions: [384, 1000], type: "Q8_0", bytes: ByteCount(1000 * 384 / 32 * 34)))
    var machine = Machine(name: "cards")
    machine.memory.totalBytes = Figure(.gibibytes(64), .user, "test")
    var card = Accelerator(vendor: Figure(.nvidia, .user, "test"))
    card.memoryBytes = Figure(.gibibytes(8), .user, "test")
    machine.accelerators = [Accelerator](repeating: card, count: devices)
    var placement = Placement()
    placement.devices = Array(0..<devices)
    placement.splitMode = split
    placement.tensorSplit = shares
    return Question(
      machine: machine, form: ModelForm(model), engine: .llamaCpp, placement: placement, contextLength: 4096,
      parallel: 1)
  }

  private func shares(_ name: String, devices: Int, given: [Double] = []) throws -> [Double] {
    let question = question(devices: devices, shares: given)
    let tensor = try #require(question.tensors.first { $0.name == name })
    return LlamaTensorSplit(question, devices: devices, shares: given).shares(of: tensor)
  }

  @Test("heads are cut in whole groups, and alike layers take turns with what is left over")
  func heads() throws {
    // 384 in grains of 128 over two: 192 is rounded down to 128, the last gets 256.
    #expect(try shares("blk.0.attn_q.weight", devices: 2) == [1.0 / 3, 2.0 / 3])
    #expect(try shares("blk.1.attn_q.weight", devices: 2) == [2.0 / 3, 1.0 / 3])
    #expect(try shares("blk.0.attn_k.weight", devices: 3) == [1.0 / 3, 1.0 / 3, 1.0 / 3])
    #expect(try shares("blk.0.attn_q.weight", devices: 2, given: [3, 1]) == [2.0 / 3, 1.0 / 3])
  }

  @Test("the inner width is cut in blocks, the output in rows, and norms lie on every device")
  func others() throws {
    #expect(try shares("blk.0.ffn_up.weight", devices: 2) == [0.5, 0.5])
    #expect(try shares("blk.0.ffn_down.weight", devices: 5) == [256, 256, 384, 256, 384].map { $0 / 1536 })
    #expect(try shares("output.weight", devices: 4) == [0.25, 0.25, 0.25, 0.25])
    #expect(try shares("blk.0.attn_norm.weight", devices: 3) == [1, 1, 1])
  }

  @Test("all devices together hold the cache once, and what is cut once")
  func sums() throws {
    func memory(_ split: Placement.SplitMode) throws -> [DeviceMemory] {
      try LlamaCppMemoryRules().footprint(question(devices: 2, split: split)).get().devices.filter {
        !$0.name.hasPrefix("cpu")
      }
    }
    let (cut, layers) = (try memory(.tensor), try memory(.layer))
    func sum(_ devices: [DeviceMemory], _ part: (MemoryComponents) -> ByteCount) -> Int {
      devices.reduce(0) { $0 + part($1.components).bytes }
    }
    #expect(sum(cut) { $0.kvCache.value } == sum(layers) { $0.kvCache.value })
    // Two norms lie on both devices.
    #expect(sum(cut) { $0.weights.value } == sum(layers) { $0.weights.value } + 2 * 384 / 32 * 34)
    #expect(cut[0].components.weights.value == cut[1].components.weights.value)
  }

  @Test(
    "sizes and shares that no device has are cut without harm",
    arguments: [[1e308, 1e308], [1, 0], [0, 0], [1e-308, 1]])
  func extremes(shares: [Double]) throws {
    var hostile = question(devices: 2, shares: shares)
    var model = hostile.model
    for index in model.layers.indices {
      model.layers[index].headCount = 1 << 40
      model.layers[index].keyLength = 1 << 40
    }
    hostile.form = ModelForm(name: hostile.form.name, model: model, tensors: hostile.tensors)
    let split = LlamaTensorSplit(hostile, devices: 2, shares: shares)
    for tensor in hostile.tensors { #expect(split.shares(of: tensor).allSatisfy { (0...1).contains($0) }) }
  }

  @Test("what the engine refuses is refused")
  func refusals() {
    func code(_ question: Question) -> ReasonCode? {
      if case .failure(let reason) = LlamaCppMemoryRules().footprint(question) { return reason.code }
      return nil
    }
    #expect(code(question(devices: 2, split: .row)) == "unsupported-split")
    var slow = question(devices: 2)
    slow.settings.flashAttention = false
    #expect(code(slow) == "unsupported-split")
    var other = question(devices: 2)
    var model = other.model
    model.architecture = "deepseek2"
    other.form = ModelForm(name: other.form.name, model: model, tensors: other.tensors)
    #expect(code(other) == "unsupported-split")
    #expect(code(question(devices: 2)) == nil)
  }
}
