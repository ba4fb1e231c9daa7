import Fixtures
import Testing
import Units

@testable import Models

/// Headers that fuzzing found, and their like.
@Suite struct HostileHeaderTests {
  @Test(arguments: [1e300, -1e300, .infinity, .nan, 9.3e18])
  func countsThatNoIntegerHoldsAreNotTaken(value: Double) throws {
    var builder = GGUFBuilder(architecture: "deepseek2")
    builder.set("deepseek2.block_count", .uint32(2))
    builder.set("deepseek2.embedding_length", .uint32(256))
    for key in ["expert_count", "attention.key_length_mla", "attention.head_count", "context_length"] {
      builder.set("deepseek2.\(key)", .double(value))
    }
    builder.add("token_embd.weight", [256, 512])
    let model = try ModelReader.read(builder.build(), as: .gguf)
    #expect(model.shape.contextLength == 0)
    #expect(model.shape.extras["expert_count"] == nil)
    let mix = try #require(QuantizationMix(model))
    for type in GGUFFileType.allCases { _ = mix.outcome(type, importanceMatrix: true).tensorBytes }
  }
}
