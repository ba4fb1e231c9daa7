import Platform
import Testing

@testable import Hardware

@Suite struct ArchiveTests {
  /// A header and its content, as tar writes them.
  static func tarEntry(_ name: String, _ content: String, type: Character = "0", link: String = "") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    put(name, 0)
    put("0000644", 100)
    let size = String(content.utf8.count, radix: 8)
    put(String(repeating: "0", count: 11 - size.count) + size, 124)
    put("        ", 148)
    header[156] = type.asciiValue ?? 48
    put(link, 157)
    put("ustar", 257)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
    let padding = (512 - content.utf8.count % 512) % 512
    return header + Array(content.utf8) + [UInt8](repeating: 0, count: padding)
  }

  @Test func readsTarInPlace() {
    let bytes =
      Self.tarEntry("box/proc/meminfo", "MemTotal: 4 kB\n")
      + Self.tarEntry("box/link", "", type: "2", link: "proc/meminfo")
      + [UInt8](repeating: 0, count: 1024)
    #expect(TarReader.isTar(bytes))
    let tree = TarReader.tree(bytes)
    #expect(tree.list("/box") == ["link", "proc"])
    #expect(tree.text("/box/link") == "MemTotal: 4 kB")
    #expect(DumpRoots.find(in: tree).map(\.path) == ["/box"])
  }

  @Test func stopsAtASizeThatIsNotThere() {
    var bytes = Self.tarEntry("a", "x")
    for index in 124..<135 { bytes[index] = UInt8(ascii: "7") }
    #expect(TarReader.tree(bytes).count == 0)
  }

  @Test func inflates() {
    // `printf 'hello hello hello hello\n' | gzip -n`
    let packed: [UInt8] = [
      0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9, 0x00, 0x00,
      0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00,
    ]
    #expect(
      Inflate.gunzip(packed, limit: 1000).map { String(decoding: $0, as: UTF8.self) } == "hello hello hello hello\n")
    #expect(Inflate.gunzip(packed, limit: 10) == nil, "a bomb is refused at the limit")
  }

  @Test func survivesDamagedArchives() {
    var random = SplitMix(seed: 7)
    for _ in 0..<300 {
      let noise = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = Inflate.inflate(noise[...], limit: 1 << 16)
      _ = ZipReader.tree([0x50, 0x4b, 3, 4] + noise + [0x50, 0x4b, 5, 6] + noise.prefix(18), limit: 1 << 16)
      _ = TarReader.tree(noise + noise + noise)
      _ = SMBIOSTable(noise)
    }
  }
}
