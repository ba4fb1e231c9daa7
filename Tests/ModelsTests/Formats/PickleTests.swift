import Fixtures
import Foundation
import Testing
import Units

@testable import Models

@Suite struct PickleTests {
  private func read(_ bytes: [UInt8]) throws -> (PickleValue, Set<String>) {
    var reader = PickleReader()
    let value = try reader.read(bytes.span.bytes)
    return (value, reader.globals)
  }

  @Test func describesWhatLoadingWouldRunAndRunsNothing() throws {
    // os.system("id") as a pickle: the classic attack.
    let (value, globals) = try read(Array("cos\nsystem\n(X\u{2}\u{0}\u{0}\u{0}idtR.".utf8))
    guard case .call(let function, let arguments) = value else {
      Issue.record("no call")
      return
    }
    #expect(function.global == "os.system")
    #expect(arguments.elements?.first?.text == "id")
    #expect(globals == ["os.system"])
  }

  @Test func refusesEndlessNestingAndMissingValues() {
    #expect(throws: ModelError.self) { try read([0x29] + [UInt8](repeating: 0x85, count: 1000) + [0x2E]) }
    #expect(throws: ModelError.self) { try read([0x52, 0x2E]) }
    #expect(throws: ModelError.self) { try read([0x58, 0xFF, 0xFF, 0xFF, 0x7F]) }
    #expect(throws: ModelError.self) { try read([0x68, 0x05, 0x2E]) }
    #expect(throws: ModelError.self) { try read([]) }
  }

  @Test func refusesWhatIsNoArchive() {
    let bytes = [UInt8](repeating: 0, count: 100)
    #expect(throws: ModelError.self) { try PyTorchCheckpoint(parsing: bytes.span.bytes) }
    #expect(throws: ModelError.self) { try ZipDirectory(parsing: bytes.span.bytes) }
  }

  /// The form that torch.save writes, made with Python's own pickler and zip.
  @Test func readsNamesShapesAndTypes() throws {
    let bytes = Array(try #require(Data(base64Encoded: Self.checkpoint)))
    let checkpoint = try PyTorchCheckpoint(parsing: bytes.span.bytes)
    #expect(checkpoint.foreignGlobals == [])
    #expect(
      checkpoint.tensors == [
        Tensor(name: "model.embed_tokens.weight", dimensions: [8, 8], type: "BF16", bytes: ByteCount(128)),
        Tensor(
          name: "model.layers.0.self_attn.q_proj.weight", dimensions: [16, 8], type: "F32", bytes: ByteCount(512)),
        Tensor(name: "model.norm.weight", dimensions: [8], type: "F32", bytes: ByteCount(32)),
      ])
  }

  private static let checkpoint = """
    UEsDBBQAAAAAAMO9dl22rlDlhAEAAIQBAAAQAAAAYXJjaGl2ZS9kYXRhLnBrbIACY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEA\
    KVJxAShYGQAAAG1vZGVsLmVtYmVkX3Rva2Vucy53ZWlnaHRxAmN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChY\
    BwAAAHN0b3JhZ2VxBGN0b3JjaApCRmxvYXQxNlN0b3JhZ2UKcQVYAQAAADBxBlgDAAAAY3B1cQdLQHRxCFFLAEsISwiGcQlLAUsB\
    hnEKiWgAKVJxC3RxDFJxDVgmAAAAbW9kZWwubGF5ZXJzLjAuc2VsZl9hdHRuLnFfcHJvai53ZWlnaHRxDmgDKChoBGN0b3JjaApG\
    bG9hdFN0b3JhZ2UKcQ9YAQAAADFxEGgHS4B0cRFRSwBLCEsQhnESSwFLAYZxE4loAClScRR0cRVScRZYEQAAAG1vZGVsLm5vcm0u\
    d2VpZ2h0cRdoAygoaARoD1gBAAAAMnEYaAdLCHRxGVFLAEsIhXEaSwGFcRuJaAApUnEcdHEdUnEedS5QSwMEFAAAAAAAw712XYU9\
    4xkGAAAABgAAABEAAABhcmNoaXZlL2J5dGVvcmRlcmxpdHRsZVBLAwQUAAAAAADDvXZdHN9EIQQAAAAEAAAADgAAAGFyY2hpdmUv\
    ZGF0YS8wAAAAAFBLAwQUAAAAAADDvXZd0Z5nVQIAAAACAAAADwAAAGFyY2hpdmUvdmVyc2lvbjMKUEsBAhQDFAAAAAAAw712Xbau\
    UOWEAQAAhAEAABAAAAAAAAAAAAAAAIABAAAAAGFyY2hpdmUvZGF0YS5wa2xQSwECFAMUAAAAAADDvXZdhT3jGQYAAAAGAAAAEQAA\
    AAAAAAAAAAAAgAGyAQAAYXJjaGl2ZS9ieXRlb3JkZXJQSwECFAMUAAAAAADDvXZdHN9EIQQAAAAEAAAADgAAAAAAAAAAAAAAgAHn\
    AQAAYXJjaGl2ZS9kYXRhLzBQSwECFAMUAAAAAADDvXZd0Z5nVQIAAAACAAAADwAAAAAAAAAAAAAAgAEXAgAAYXJjaGl2ZS92ZXJz\
    aW9uUEsFBgAAAAAEAAQA9gAAAEYCAAAAAA==
    """
}
