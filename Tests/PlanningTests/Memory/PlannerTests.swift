import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

@Suite("Planner")
struct PlannerTests {
  private func machine(_ memory: ByteCount) -> Machine {
    var machine = Machine(name: "cpu")
    machine.memory.totalBytes = Figure(memory, .user, "test")
    return machine
  }

  private func model() -> Model {
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 1000, contextLength: 8192)
    let layers = (0..<4).map { _ in
      Layer(kind: .full, headCount: 8, kvHeadCount: 2, keyLength: 64, valueLength: 64, feedForwardLength: 1024)
    }
    var model = Model(name: "made", format: .gguf, architecture: "llama", shape: shape, layers: layers)
    model.tensors = (0..<4).map {
      Tensor(name: "blk.\($0).ffn_up.weight", dimensions: [512, 1024], type: "F16", bytes: .mebibytes(1))
    }
    model.quantization = Figure("F16", .header, "test")
    model.files = [ModelFile(path: "made.gguf", bytes: .mebibytes(5))]
    return model
  }

  private func plan(_ memory: ByteCount) -> Plan {
    var request = PlanRequest(model: model(), machine: machine(memory))
    request.quantizations = .asIs
    return Planner().plan(request)
  }

  @Test("a plan that fits still fits on a larger machine")
  func larger() {
    #expect(plan(.gibibytes(1)).chosen == 0)
    #expect(plan(.gibibytes(64)).chosen == 0)
  }

  @Test("what is made of a quantized file is ranked only where it is smaller")
  func requantized() {
    var source = model()
    source.quantization = Figure("Q4_1", .header, "test")
    source.tensorBytes = Figure(.mebibytes(4), .header, "test")
    let options = [(4, PlanOption.Origin.file), (8, .made), (2, .made)].map { mebibytes, origin in
      var option = PlanOption(
        quantization: "\(mebibytes)", origin: origin, engine: .llamaCpp, verdict: .fits,
        reason: Reason("fits", "test"), contextLength: 4096, parallel: 1)
      option.tensorBytes = Figure(.mebibytes(mebibytes), .computed, "test")
      return option
    }
    let ranking = Ranking(options, for: PlanRequest(model: source, machine: machine(.gibibytes(1))))
    #expect(ranking.order() == [0, 2])
  }

  @Test("what does not fit says how much is missing")
  func miss() throws {
    let plan = plan(.mebibytes(16))
    #expect(plan.chosen == nil)
    #expect(plan.options.first?.verdict == .doesNotFit)
    #expect(plan.options.first?.reason.code == "insufficient-memory")
    #expect(plan.options.first?.reason.remedy != nil)
  }

  @Test("a host whose memory nobody stated does not stand against a model that its accelerator holds")
  func unknownHost() throws {
    func planned(_ memory: ByteCount) throws -> Plan {
      var card = Machine(name: "card")
      var gpu = Accelerator(vendor: Figure(.nvidia, .user, "test"))
      gpu.memoryBytes = Figure(memory, .user, "test")
      card.accelerators = [gpu]
      var request = PlanRequest(model: model(), machine: card)
      request.quantizations = .asIs
      return Planner().plan(request)
    }
    let held = try planned(.gibibytes(8))
    #expect(held.chosen == 0)
    #expect(held.options[0].placement.gpuLayers == nil)
    #expect(held.reasons.contains { $0.code == "unknown-host-memory" && $0.remedy != nil })
    let tooLarge = try planned(.mebibytes(300))
    #expect(tooLarge.chosen == nil)
  }

  @Test("an accelerator of unknown memory is left out, and said to be")
  func unknownAccelerator() {
    var box = machine(.gibibytes(8))
    box.accelerators = [Accelerator(vendor: Figure(.nvidia, .user, "test"))]
    var request = PlanRequest(model: model(), machine: box)
    request.quantizations = .asIs
    let plan = Planner().plan(request)
    #expect(plan.options[0].placement.devices.isEmpty)
    #expect(plan.reasons.contains { $0.code == "unknown-memory" && $0.message.contains("gpu0") })
  }

  @Test("the file's plan carries the command that starts it")
  func launch() throws {
    let option = try #require(plan(.gibibytes(4)).options.first)
    #expect(option.launch?.arguments.contains("made.gguf") == true)
    #expect(option.largestContext?.value == 8192)
  }
}
