import Hardware
import Models
import Testing
import Units

@testable import Engines

@Suite("what vLLM runs on")
struct VLLMCapabilityTests {
  private let model: Model = {
    let layer = Layer(
      kind: .full, headCount: 8, kvHeadCount: 2, keyLength: 64, valueLength: 64, feedForwardLength: 1024)
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 128_000, contextLength: 8192)
    return Model(name: "made", format: .safetensors, architecture: "llama", shape: shape, layers: [layer])
  }()

  private func refusal(_ maker: Maker, _ name: String?, architecture: String? = nil) -> Reason? {
    var gpu = Accelerator(vendor: Figure(maker, .user, "made"))
    gpu.model = name.map { Figure($0, .user, "made") }
    gpu.architecture = architecture.map { Figure($0, .user, "made") }
    var machine = Machine(name: "made")
    machine.accelerators = [gpu]
    guard case .no(let reason) = VLLM().capability(of: model, quantization: "BF16", on: machine) else { return nil }
    return reason
  }

  @Test("without its architecture a GPU counts as what its generation has")
  func generation() {
    // Of one generation, and of two instruction sets of which vLLM is made for one.
    #expect(refusal(.amd, "AMD Instinct MI100")?.code == .unknownCapability)
    #expect(refusal(.amd, "AMD Instinct MI250X")?.code == .unknownCapability)
    #expect(refusal(.amd, "AMD Instinct MI250X", architecture: "gfx90a") == nil)
    #expect(refusal(.amd, "AMD Instinct MI300X") == nil)
    #expect(refusal(.nvidia, "NVIDIA H100 80GB HBM3") == nil)
    #expect(refusal(.nvidia, "Tesla P100-PCIE-16GB")?.code == .gpuTooOld)
  }

  @Test("where neither is known it is refused, with what to state", arguments: [Maker.amd, .nvidia])
  func unknown(maker: Maker) {
    let reason = refusal(maker, "Some Card")
    #expect(reason?.code == .unknownCapability)
    #expect(reason?.remedy?.contains("architecture") == true)
    #expect(refusal(maker, nil)?.code == .unknownCapability)
    #expect(refusal(maker, "Some Card", architecture: "inf") != nil)
    #expect(refusal(maker, "Some Card", architecture: maker == .amd ? "gfx942" : "9.0") == nil)
  }
}
