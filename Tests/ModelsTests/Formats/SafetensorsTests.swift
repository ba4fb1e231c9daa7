import Fixtures
import Testing
import Units

@testable import Models

@Suite struct SafetensorsTests {
  private func parse(_ bytes: [UInt8]) throws -> SafetensorsHeader { try SafetensorsHeader(parsing: bytes.span.bytes) }

  @Test func readsTypesShapesAndMetadata() throws {
    var builder = SafetensorsBuilder()
    builder.metadata = ["format": "pt"]
    builder.add("a.weight", "BF16", [4, 8], bytes: 64)
    builder.add("b.weight_packed", "U8", [4, 16], bytes: 64)
    builder.add("c", "F8_E4M3", [3], bytes: 3)
    let header = try parse(builder.build())
    #expect(header.metadata["format"] == "pt")
    #expect(Set(header.entries.map(\.name)) == ["a.weight", "b.weight_packed", "c"])
    #expect(header.entries.first { $0.name == "a.weight" }?.shape == [4, 8])
  }

  @Test func refusesBytesThatDoNotFitTheShape() throws {
    var builder = SafetensorsBuilder()
    builder.add("a.weight", "BF16", [4, 8], bytes: 63)
    let short = try builder.build()
    #expect(throws: ModelError.self) { try parse(short) }
    var large = SafetensorsBuilder()
    large.add("a.weight", "F64", [1 << 62, 4], bytes: 0)
    let bytes = try large.build()
    #expect(throws: ModelError.self) { try parse(bytes) }
    #expect(throws: ModelError.self) { try parse([255, 255, 255, 255, 255, 255, 255, 127]) }
  }

  @Test func saysHowMuchOfALongHeaderIsMissing() throws {
    var builder = SafetensorsBuilder()
    builder.add("a.weight", "BF16", [4, 8], bytes: 64)
    let bytes = try builder.build()
    #expect(throws: ModelError.incomplete(needed: bytes.count, have: 20)) { try parse(Array(bytes[..<20])) }
  }

  @Test func readsEscapesAndRefusesDeepDocuments() throws {
    let text = Array(#"{"a\u0041\n\ud83d\ude00": [1, -2.5, true, null, NaN, {"x": "é"}]}"#.utf8)
    let value = try JSONValue(parsing: text.span.bytes)
    #expect(value["aA\n😀"]?.array?.count == 6)
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: ModelError.self) { try JSONValue(parsing: deep.span.bytes) }
  }
}
