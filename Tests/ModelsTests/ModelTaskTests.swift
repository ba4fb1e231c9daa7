import Fixtures
import Models
import Testing
import Units

/// What models are for, by their headers, configurations and names.
@Suite struct ModelTaskTests {
  private func model(_ name: String, _ architecture: String = "qwen3", isEncoder: Bool = false, pooling: Int? = nil)
    -> Model
  {
    var shape = ModelShape(embeddingLength: 1024, vocabularySize: 1000, contextLength: 4096)
    shape.isEncoderOnly = isEncoder
    shape.extras["pooling_type"] = pooling.map { Double($0) }
    return Model(name: name, format: .gguf, architecture: architecture, shape: shape, layers: [])
  }

  @Test func tasksAreToldApart() {
    #expect(model("Qwen3-8B").task == .generation)
    #expect(model("Qwen3-Embedding-8B").task == .embedding)
    #expect(model("nomic-embed-text-v1.5", "nomic-bert", isEncoder: true).task == .embedding)
    #expect(model("Qwen3-Reranker-0.6B").task == .reranking)
    #expect(model("bge-m3", "bert", isEncoder: true, pooling: 2).task == .embedding)
    #expect(model("scores", "bert", isEncoder: true, pooling: 4).task == .reranking)
    #expect(model("Dream-7B", "dream", isEncoder: true).task == .generation)
  }

  @Test(
    .enabled(if: SharedData.root != nil, "the reference data is absent"),
    arguments: [("Qwen--Qwen3-VL-8B-Instruct", 16), ("Qwen--Qwen3-VL-2B-Instruct", 16), ("Qwen--Qwen3-8B", nil)])
  func headsThatSeeAreRead(name: String, heads: Int?) throws {
    let model = try ModelReader.read(path: #require(SharedData.root) + "/model-configs/\(name).json")
    #expect(model.visionHeadCount == heads)
    #expect(model.seesImages == (heads != nil))
  }

  @Test(
    .enabled(if: SharedData.root != nil, "the reference data is absent"),
    arguments: [("Qwen--Qwen3-32B-FP8", 128), ("deepseek-ai--DeepSeek-V3", 128), ("Qwen--Qwen3-32B", nil)])
  func blocksOfScalesAreRead(name: String, block: Int?) throws {
    let model = try ModelReader.read(path: #require(SharedData.root) + "/model-configs/\(name).json")
    #expect(model.weightGroup == block)
  }
}
