import Fixtures
import Models
import Testing
import Units

@testable import Engines

/// What llama-server reserves beyond a plain context, as its source has it (11434).
@Suite("Rows that llama-server reserves")
struct LlamaServedTests {
  @Test("an embedder reserves logits of a whole batch, a draft those of its guesses, and what was stated stays")
  func rows() {
    let usual = EngineSettings()
    func served(_ task: ModelTask?, _ settings: EngineSettings, slots: Int, guesses: Int = 0) -> EngineSettings {
      settings.asServed(for: task, contextLength: 8192, parallel: slots, guesses: guesses)
    }
    #expect(served(nil, usual, slots: 4) == usual)
    #expect(served(.generation, usual, slots: 4, guesses: 4).outputRows == 20)
    for task in [ModelTask.embedding, .reranking] {
      let settings = served(task, usual, slots: 2)
      #expect((settings.outputRows, settings.ubatch, settings.batch) == (0, 4096, 4096))
    }
    var stated = usual
    stated.outputRows = 3
    stated.isUbatchStated = true
    #expect(served(.embedding, stated, slots: 2) == stated)
    #expect(served(.generation, stated, slots: 2, guesses: 2) == stated)
  }

  /// SmolLM2 with a pooling: llama.cpp 11434 printed 845.16 MiB for 4,096 tokens and 414.58 for 2,048, where the plain context of all
  /// rows, which is computed, has 854.16 and 419.08.
  @Test(
    "the buffer of an embedder made of a decoder is that of all rows",
    .enabled(if: SharedModels.folder != nil, "the reference data are not there"))
  func embedder() throws {
    let folder = try #require(SharedModels.folder)
    var model = try ModelReader.read(path: "\(folder)/smollm2-135m.gguf")
    model.shape.extras["pooling_type"] = 3
    #expect(model.task == .embedding)
    for (length, real, computed) in [(4096, 845.16, 854.16), (2048, 414.58, 419.08)] {
      let settings = EngineSettings().asServed(
        for: model.task, contextLength: length, parallel: 1, guesses: 0)
      let needs = try LlamaMemory(model).needs(
        contextLength: length, sequences: 1, kvType: KVCacheType(), settings: settings
      ).get()
      let mebibytes = Double(needs.compute.value.bytes) / 1_048_576
      #expect(abs(mebibytes - computed) < 0.011 && mebibytes >= real)
    }
  }
}
