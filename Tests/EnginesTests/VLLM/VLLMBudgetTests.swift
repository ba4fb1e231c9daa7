import Hardware
import Models
import Testing
import Units

@testable import Engines

@Suite("vLLM's budget")
struct VLLMBudgetTests {
  private func model(kvHeads: Int = 2, experts: Experts? = nil, kind: Layer.Kind = .full) -> Model {
    let layers = (0..<2).map { _ in
      Layer(
        kind: kind, headCount: 8, kvHeadCount: kvHeads, keyLength: 64, valueLength: 64, feedForwardLength: 1024,
        experts: experts)
    }
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 128_000, contextLength: 8192)
    return Model(name: "made", format: .safetensors, architecture: "llama", shape: shape, layers: layers)
  }

  private func form(_ model: Model, _ names: [String], name: String = "BF16", tool: ModelForm.Tool? = nil) -> ModelForm
  {
    let tensors = names.map { Tensor(name: $0, dimensions: [512, 512], type: "BF16", bytes: .mebibytes(8)) }
    return ModelForm(name: name, tool: tool, model: model, tensors: tensors)
  }

  private func device(_ gib: Int, _ capability: Double? = 9.0, isAMD: Bool = false) -> VLLMDevice {
    VLLMDevice(isAMD: isAMD, isShared: false, memory: .gibibytes(gib), computeCapability: capability)
  }

  @Test("few requests need few graphs, as starts with 10 and 16 had; from 32 on they are all there")
  func graphs() {
    let shares = [1, 10, 16, 32, 256].map { VLLMBudget.graphShare(sequences: $0) }
    #expect(shares == shares.sorted())
    #expect(shares[0] < 0.5)
    #expect((0.5...0.8).contains(shares[1]))
    #expect(shares[3] == 1)
    #expect(shares[4] == 1)
  }

  @Test("projections to keys and values are copied once there are more ranks than heads")
  func repeatedHeads() {
    let form = form(model(), ["model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.q_proj.weight"])
    let weights = VLLMWeights(form)
    #expect(weights.ofRank(ranks: 2, stages: 1, copies: 1) == .mebibytes(8))
    #expect(weights.ofRank(ranks: 8, stages: 1, copies: 1) == .mebibytes(4 + 1))
  }

  @Test(
    "experts in 4-bit floats are laid out in whole grains",
    arguments: [
      (9.0, false, 3072.0 / 2880), (8.6, false, 3072 / 2880 * 2944 / 2880.0), (10.0, false, 1.1378),
      (nil, true, 1.1378),
    ])
  func padding(capability: Double?, isAMD: Bool, factor: Double) {
    let experts = Experts(
      count: 32, usedCount: 4, sharedCount: 0, feedForwardLength: 2880, sharedFeedForwardLength: 0)
    var wide = model(experts: experts)
    wide.shape.embeddingLength = 2880
    let question = Question(machine: Machine(name: "test"), form: form(wide, [], name: "MXFP4"), engine: .vllm)
    let found = VLLMExpertPadding.factor(question, device(80, capability, isAMD: isAMD))
    #expect(abs(found - factor) < 0.001)
    let plain = Question(machine: Machine(name: "test"), form: form(wide, []), engine: .vllm)
    #expect(VLLMExpertPadding.factor(plain, device(80, capability, isAMD: isAMD)) == 1)
  }

  @Test("a step has 8192 tokens on large devices, 2048 on small ones and A100s")
  func batches() {
    #expect(device(79).batchedTokens == 8192)
    #expect(device(79, 8.0).batchedTokens == 2048)
    #expect(device(24, 8.9).batchedTokens == 2048)
  }

  @Test("more sequences, longer steps and graphs leave less for the cache; the band holds what was logged")
  func cache() {
    let weights = VLLMWeights(form(model(), ["lm_head.weight"]))
    func left(_ tokens: Int, _ sequences: Int, eager: Bool = false) -> Figure<ByteCount> {
      let rank = VLLMBudget.Rank(
        batchedTokens: tokens, sequences: sequences, enforceEager: eager, device: device(80))
      return VLLMBudget(model(), form: "BF16", weights: weights, rank).cache(
        in: .gibibytes(70), atMost: .gibibytes(71))
    }
    let usual = left(8192, 256)
    #expect(left(8192, 1024).value < usual.value)
    #expect(left(16384, 256).value < usual.value)
    #expect(left(8192, 256, eager: true).value > usual.value)
    let (low, high) = (usual.low ?? .zero, usual.high ?? .zero)
    #expect(low < usual.value && usual.value < high)
    // 9.6 copies of 32-bit logits, as releases of 2025 took.
    #expect(usual.value - low > ByteCount(128_000 * 4 * 256 * 8))
  }

  @Test("a form that is yet to be made may keep attention in 16 bits")
  func recipes() {
    let experts = Experts(
      count: 8, usedCount: 2, sharedCount: 0, feedForwardLength: 512, sharedFeedForwardLength: 0)
    func kept(_ tool: ModelForm.Tool?) -> ByteCount {
      let tensors = [
        Tensor(
          name: "model.layers.0.self_attn.q_proj.weight", dimensions: [512, 512], type: "NVFP4",
          bytes: ByteCount(147_456))
      ]
      let form = ModelForm(name: "NVFP4", tool: tool, model: model(experts: experts), tensors: tensors)
      return VLLMWeights(form).keptOfRank(ranks: 1, stages: 1)
    }
    #expect(kept(nil) == .zero)
    #expect(kept(.compressor) == ByteCount(512 * 512 * 2 - 147_456))
  }

  @Test("what publishers leave in 16 bits is expected, not only feared")
  func expectedWeights() {
    let experts = Experts(
      count: 8, usedCount: 2, sharedCount: 0, feedForwardLength: 512, sharedFeedForwardLength: 0)
    let mixture = model(experts: experts)
    let tensors = [
      Tensor(
        name: "model.layers.0.self_attn.q_proj.weight", dimensions: [512, 512], type: "NVFP4",
        bytes: ByteCount(147_456))
    ]
    func weights(_ device: VLLMDevice) -> Figure<ByteCount> {
      let form = ModelForm(name: "NVFP4", tool: .compressor, model: mixture, tensors: tensors)
      let rank = VLLMBudget.Rank(batchedTokens: 2048, sequences: 8, device: device)
      return VLLMBudget(mixture, form: "NVFP4", weights: VLLMWeights(form), rank).weights
    }
    let found = weights(device(80))
    #expect(found.value == ByteCount(512 * 512 * 2))
    #expect((found.low ?? .zero) < ByteCount(147_456))
    #expect((found.high ?? .zero) > found.value)
    // The libraries that loading brings count as weights on AMD's.
    #expect(weights(device(192, nil, isAMD: true)).value > found.value + .mebibytes(300))
  }
}
