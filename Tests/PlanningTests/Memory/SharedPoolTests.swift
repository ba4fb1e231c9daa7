import Engines
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// One memory for processor and GPU: what both take has to fit it together, whatever each alone may have.
@Suite("Shared memory")
struct SharedPoolTests {
  private func machine(_ vendor: Maker, total: ByteCount, limit: ByteCount?, carved: ByteCount? = nil) -> Machine {
    var machine = Machine(name: "shared")
    machine.memory.totalBytes = Figure(total, .user, "test")
    machine.memory.acceleratorBytes = limit.map { Figure($0, .user, "test") }
    machine.unifiedMemory = Figure(true, .user, "test")
    var gpu = Accelerator(vendor: Figure(vendor, .user, "test"))
    gpu.sharesMemory = true
    gpu.carvedBytes = carved.map { Figure($0, .user, "test") }
    gpu.usableBytes = carved.map { Figure($0, .user, "test") }
    machine.accelerators = [gpu]
    return machine
  }

  private func device(_ name: String, _ bytes: ByteCount, of usable: ByteCount) -> DeviceMemory {
    func figure(_ bytes: ByteCount) -> Figure<ByteCount> { Figure(bytes, .computed, "test") }
    let components = MemoryComponents(
      weights: figure(bytes), kvCache: figure(.zero), recurrentState: figure(.zero), compute: figure(.zero),
      output: figure(.zero), overhead: figure(.zero))
    return DeviceMemory(name: name, usableBytes: figure(usable), components: components)
  }

  private func estimate(gpu: ByteCount, of limit: ByteCount, host: ByteCount, of usable: ByteCount) -> MemoryEstimate {
    MemoryEstimate(
      MemoryFootprint(devices: [device("gpu0", gpu, of: limit), device("cpu", host, of: usable)]))
  }

  @Test(
    "parts that fit each for itself must fit together", arguments: [Maker.apple, .amd, .nvidia])
  func together(maker: Maker) throws {
    let machine = machine(maker, total: .gibibytes(16), limit: .gibibytes(11))
    let pool = try #require(SharedPool(machine, devices: [0]))
    let fits = estimate(gpu: .gibibytes(6), of: .gibibytes(11), host: .gibibytes(6), of: .gibibytes(15))
    #expect(fits.verdict(pool: pool).verdict == .fits)
    let close = estimate(gpu: .gibibytes(8), of: .gibibytes(11), host: .gibibytes(6), of: .gibibytes(15))
    #expect(close.verdict(pool: pool).verdict == .tight)
    let over = estimate(gpu: .gibibytes(9), of: .gibibytes(11), host: .gibibytes(12), of: .gibibytes(15))
    let (verdict, reason) = over.verdict(pool: pool)
    #expect(verdict == .doesNotFit)
    #expect(reason.code == .insufficientMemory)
    #expect(reason.message.contains("gpu0 and the host together"))
    #expect(over.verdict().verdict == .fits)
  }

  @Test("what firmware set apart comes on top of what the system has left")
  func carved() throws {
    let machine = machine(.amd, total: .gibibytes(32), limit: nil, carved: .gibibytes(96))
    let pool = try #require(SharedPool(machine, devices: [0]))
    let fits = estimate(gpu: .gibibytes(80), of: .gibibytes(96), host: .gibibytes(20), of: .gibibytes(30))
    #expect(fits.verdict(pool: pool).verdict == .fits)
  }

  @Test("a card with memory of its own shares none")
  func ownMemory() {
    var machine = machine(.nvidia, total: .gibibytes(16), limit: nil)
    machine.accelerators[0].sharesMemory = false
    #expect(SharedPool(machine, devices: [0]) == nil)
  }

  @Test(
    "where the limit of the GPU alone is too low, the setting that raises it is named",
    arguments: [(Maker.apple, "iogpu.wired_limit_mb"), (.amd, "ttm.pages_limit")])
  func limit(maker: Maker, setting: String) throws {
    let machine = machine(maker, total: .gibibytes(64), limit: .gibibytes(32))
    let pool = try #require(SharedPool(machine, devices: [0]))
    let over = estimate(gpu: .gibibytes(40), of: .gibibytes(32), host: .gibibytes(2), of: .gibibytes(60))
    let reason = over.verdict(pool: pool).reason
    #expect(reason.remedy?.contains(setting) == true)
    let beyond = estimate(gpu: .gibibytes(70), of: .gibibytes(32), host: .gibibytes(2), of: .gibibytes(60))
    #expect(beyond.verdict(pool: pool).reason.remedy?.contains(setting) == false)
  }

  @Test("experts left on the host of a shared memory are planned against all of it")
  func planned() throws {
    var experts = Experts(
      count: 32, usedCount: 4, sharedCount: 0, feedForwardLength: 512, sharedFeedForwardLength: 0)
    experts.sharedCount = 0
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 1000, contextLength: 8192)
    let layers = (0..<4).map { _ in
      Layer(
        kind: .full, headCount: 8, kvHeadCount: 2, keyLength: 64, valueLength: 64, feedForwardLength: 0,
        experts: experts)
    }
    var model = Model(name: "made", format: .gguf, architecture: "qwen3moe", shape: shape, layers: layers)
    model.tensors = (0..<4).flatMap { layer in
      [
        Tensor(name: "blk.\(layer).ffn_up_exps.weight", dimensions: [512, 512, 32], type: "F16", bytes: .gibibytes(3)),
        Tensor(name: "blk.\(layer).attn_q.weight", dimensions: [512, 512], type: "F16", bytes: .gibibytes(1)),
      ]
    }
    model.quantization = Figure("F16", .header, "test")
    model.files = [ModelFile(path: "made.gguf", bytes: .gibibytes(16))]
    var request = PlanRequest(model: model, machine: machine(.apple, total: .gibibytes(16), limit: .gibibytes(11)))
    request.quantizations = .asIs
    request.engines = [.llamaCpp]
    request.settings.cpuMoeLayers = 4
    let option = try #require(Planner().plan(request).options.first)
    #expect(option.verdict == .doesNotFit)
    request.machine = machine(.apple, total: .gibibytes(48), limit: .gibibytes(36))
    #expect(try #require(Planner().plan(request).options.first).verdict == .fits)
  }
}
