import Models
import Testing
import Units

@testable import Engines

@Suite("vLLM's pages")
struct VLLMPagesTests {
  private func model(_ kinds: [Layer.Kind], heads: Int = 2, length: Int = 64) -> Model {
    let layers = kinds.map { kind in
      Layer(
        kind: kind, headCount: 8, kvHeadCount: heads, keyLength: length, valueLength: length,
        window: kind == .sliding ? 512 : nil, feedForwardLength: 1024)
    }
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 1000, contextLength: 8192)
    return Model(name: "made", format: .safetensors, architecture: "llama", shape: shape, layers: layers)
  }

  private func conditions(ranks: Int = 1) -> VLLMPages.Conditions {
    VLLMPages.Conditions(
      blockTokens: 16, cacheElementBytes: 2, modelElementBytes: 2, tensorParallel: ranks, contextLength: 4096)
  }

  @Test("heads are copied once there are more ranks than heads", arguments: [(1, 8192), (2, 4096), (8, 4096)])
  func ranks(count: Int, bytes: Int) throws {
    let pages = try #require(VLLMPages(model([.full]), conditions(ranks: count)))
    #expect(pages.pageBytes.bytes == bytes)
  }

  @Test("unequal kinds are put into groups of the smaller, nearly equal ones into groups of the larger")
  func groups() throws {
    let unequal = try #require(
      VLLMPages(model([.sliding, .sliding, .sliding, .sliding, .sliding, .full]), conditions()))
    #expect((unequal.layersPerGroup, unequal.groups.count) == (1, 6))
    let nearly = try #require(VLLMPages(model([.sliding, .full, .full, .sliding, .full]), conditions()))
    #expect((nearly.layersPerGroup, nearly.groups.count) == (2, 3))
  }

  @Test("a block of attention grows until it covers a recurrent state")
  func hybrid() throws {
    var hybrid = model([.recurrent, .full])
    var state = StateSpaceShape()
    (state.convolutionKernel, state.innerSize, state.stateSize) = (4, 1024, 16)
    hybrid.shape.stateSpace = state
    let pages = try #require(VLLMPages(hybrid, conditions()))
    #expect(pages.pageBytes.bytes >= 1024 * 16 * 4)
    #expect(pages.blockTokens % 16 == 0)
  }

  @Test("an indexer's keys are cached beside the vector, which 8 bits keep with scales")
  func picked() throws {
    var sparse = model([.sparse], heads: 1, length: 576)
    sparse.layers[0].valueLength = 0
    sparse.layers[0].indexerLength = 128
    let whole = try #require(VLLMPages(sparse, conditions()))
    #expect(whole.pageBytes.bytes == 16 * (2 * 576 + 132))
    var eight = conditions()
    eight.cacheElementBytes = 1
    #expect(try #require(VLLMPages(sparse, eight)).pageBytes.bytes == 16 * (656 + 132))
  }

  @Test("compressed attention pays for what its windows and states reach, however short the request")
  func compressed() throws {
    var four = model([.sliding, .sliding], heads: 1, length: 512)
    for (index, ratio) in [4, 128].enumerated() {
      four.layers[index].valueLength = 0
      four.layers[index].compressionRatio = ratio
    }
    four.layers[0].indexerLength = 128
    let pages = try #require(VLLMPages(four, conditions()))
    #expect(pages.blockTokens == 256)
    let short = pages.blocksPerRequest(tokens: 8192, batchedTokens: 8192)
    let long = pages.blocksPerRequest(tokens: 8192 + 256 * 1000, batchedTokens: 8192)
    #expect(short > 8192 / 256 * 4)
    // Only what windows and states reach is paid for once: beyond it each block costs its own bytes.
    #expect((1000...1100).contains(long - short))
  }
}
