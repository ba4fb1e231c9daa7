import Testing
import Units

@Suite struct ByteCountTests {
  @Test(
    "reads amounts as people write them",
    arguments: [
      ("128 GiB", 128 << 30), ("80GB", 80_000_000_000), ("512MiB", 512 << 20), ("1.5 TB", 1_500_000_000_000),
      ("4096", 4096), ("8G", 8 << 30), ("0.5 KiB", 512),
    ])
  func parses(text: String, bytes: Int) {
    #expect(ByteCount(parsing: text)?.bytes == bytes)
  }

  @Test("refuses what is not an amount", arguments: ["", "GiB", "-1 GiB", "12 parsecs", "1e30", "99999999999999 TiB"])
  func refuses(text: String) {
    #expect(text.isEmpty ? true : ByteCount(parsing: text) == nil)
  }

  @Test func arithmeticStaysInRange() {
    let most = ByteCount(Int.max)
    #expect(most + most == most)
    #expect(most * 3 == most)
    #expect(ByteCount(3) - ByteCount(5) == .zero)
  }

  @Test func printsBinaryUnits() {
    #expect(ByteCount(1 << 30).description == "1.00 GiB")
    #expect(ByteCount(1000).description == "1000 B")
    #expect(ByteCount(181 << 20).description == "181 MiB")
  }
}
