import Fixtures
import Testing

@testable import Models

@Suite struct GGUFHeaderTests {
  private func parse(_ bytes: [UInt8]) throws -> GGUFHeader { try GGUFHeader(parsing: bytes.span.bytes) }

  private func builder() -> GGUFBuilder {
    var builder = GGUFBuilder(architecture: "llama")
    builder.set("llama.block_count", .uint32(2))
    builder.set("llama.attention.head_count_kv", .uint32s([4, 8]))
    builder.set("general.name", .string("tiny"))
    builder.set("tokenizer.ggml.tokens", .strings((0..<300).map { "t\($0)" }))
    builder.add("token_embd.weight", [256, 300], type: 12)
    builder.add("output.weight", [256, 300], type: 8, offset: 43_200)
    return builder
  }

  @Test(arguments: [false, true], [UInt32(2), 3])
  func readsBothByteOrdersAndVersions(isBigEndian: Bool, version: UInt32) throws {
    var builder = builder()
    builder.isBigEndian = isBigEndian
    builder.version = version
    let header = try parse(builder.build())
    #expect(header.isBigEndian == isBigEndian)
    #expect(header.version == Int(version))
    #expect(header.metadata["llama.attention.head_count_kv"]?.array?.numbers == [4, 8])
    #expect(header.metadata["tokenizer.ggml.tokens"]?.array?.count == 300)
    #expect(header.metadata["tokenizer.ggml.tokens"]?.array?.strings == nil)
    #expect(header.tensors.map(\.byteCount) == [300 * 144, 300 * 8 * 34])
    #expect(header.dataOffset == builder.build().count)
  }

  @Test func everyPrefixIsIncompleteAndSaysWhatItNeeds() throws {
    let bytes = builder().build()
    let end = try parse(bytes).dataOffset
    for count in 0..<end - 32 {
      do {
        _ = try parse(Array(bytes[..<count]))
        Issue.record("a prefix of \(count) bytes was taken")
      } catch let error as ModelError {
        guard case .incomplete(let needed, _) = error else {
          Issue.record("at \(count): \(error)")
          continue
        }
        #expect(needed > count && needed <= bytes.count)
      }
    }
  }

  @Test func refusesHostileCounts() {
    var many = builder()
    many.claimedTensorCount = 1 << 63
    #expect(throws: ModelError.self) { try parse(many.build()) }
    var large = builder()
    large.add("blk.0.ffn_up.weight", [1 << 32, 1 << 31], type: 0, offset: 1 << 20)
    #expect(throws: ModelError.self) { try parse(large.build()) }
    var twice = builder()
    twice.set("general.name", .string("again"))
    #expect(throws: ModelError.self) { try parse(twice.build()) }
  }

  @Test(arguments: [(UInt32(4), "removed"), (33, "removed"), (139, "IQ4_K"), (999, "not known")])
  func namesTypesThatItRefuses(id: UInt32, word: String) {
    var builder = builder()
    builder.add("blk.0.attn_q.weight", [256, 256], type: id, offset: 1 << 20)
    do {
      _ = try parse(builder.build())
      Issue.record("type \(id) was taken")
    } catch {
      #expect("\(error)".contains(word))
    }
  }

  @Test func readsAVocabularyOfManyTokensQuickly() throws {
    var builder = GGUFBuilder(architecture: "llama")
    builder.set("tokenizer.ggml.tokens", .strings((0..<150_000).map { "token\($0)" }))
    builder.set("tokenizer.ggml.merges", .strings((0..<150_000).map { "left\($0) right" }))
    for index in 0..<700 { builder.add("blk.\(index).attn_q.weight", [4096, 4096], offset: 0) }
    let bytes = builder.build()
    let clock = ContinuousClock()
    let times = try (0..<5).map { _ in try clock.measure { _ = try parse(bytes) } }
    #if DEBUG
      let limit = Duration.seconds(2)
    #else
      let limit = Duration.milliseconds(5)
    #endif
    #expect(times.min() ?? .seconds(9) < limit)
  }
}
