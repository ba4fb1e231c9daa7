import Fixtures
import Foundation
import Testing
import Units

@testable import Models

/// Published configurations of real models, held against what their makers say of them.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct ConfigTests {
  private func model(_ name: String) throws -> Model {
    let root = try #require(SharedData.root)
    return try ModelReader.read(path: "\(root)/model-configs/\(name).json")
  }

  @Test func everyConfigurationIsKnown() throws {
    let root = try #require(SharedData.root)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/model-configs").sorted()
    for name in names where name.hasSuffix(".json") && !name.hasPrefix("_") {
      let model = try model(String(name.dropLast(5)))
      #expect(model.isArchitectureKnown, "\(name): \(model.architecture)")
      #expect(!model.layers.isEmpty && model.shape.embeddingLength > 0 && model.shape.contextLength > 0, "\(name)")
    }
  }

  @Test func layersAreOfTheirKinds() throws {
    func kinds(_ name: String) throws -> [Layer.Kind: Int] {
      try model(name).layers.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
    }
    #expect(try kinds("openai--gpt-oss-20b") == [.sliding: 12, .full: 12])
    #expect(try kinds("deepseek-ai--DeepSeek-V3") == [.latent: 61])
    #expect(try kinds("Qwen--Qwen3.5-35B-A3B") == [.recurrent: 30, .full: 11])
    #expect(try kinds("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16") == [.recurrent: 23, .full: 6, .none: 23])
    #expect(try kinds("zai-org--GLM-5.2")[.sparse] == 78)
    #expect(try kinds("Qwen--Qwen3-32B") == [.full: 64])
  }

  @Test func expertsAreCounted() throws {
    let deepseek = try model("deepseek-ai--DeepSeek-V3")
    #expect(deepseek.layers.prefix(3).allSatisfy { $0.experts == nil })
    #expect(deepseek.layers[3].experts?.count == 256)
    #expect(deepseek.layers[3].experts?.sharedFeedForwardLength == 2048)
    #expect(deepseek.layers[3].keyLength == 576 && deepseek.layers[3].kvHeadCount == 1)
    let nemotron = try model("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16")
    #expect(nemotron.layers.filter { $0.experts != nil }.count == 23)
  }

  @Test(arguments: [
    ("nvidia--DeepSeek-V3.1-NVFP4", "NVFP4"), ("zai-org--GLM-5-FP8", "FP8"), ("openai--gpt-oss-120b", "MXFP4"),
    ("nvidia--Llama-3.1-70B-Instruct-FP8", "FP8"), ("Qwen--Qwen3-8B", "BF16"),
  ])
  func quantizationIsNamed(name: String, quantization: String) throws {
    #expect(try model(name).quantization?.value == quantization)
  }
}
