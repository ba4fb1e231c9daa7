import CZlib
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

  @Test func inflates() throws {
    // `printf 'hello hello hello hello\n' | gzip -n`
    let packed: [UInt8] = [
      0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9, 0x00, 0x00,
      0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00,
    ]
    let content = Array("hello hello hello hello\n".utf8)
    let one = try Inflate.gunzip(packed, limit: 1000)
    #expect(one == content)
    let all = try Inflate.gunzip(packed + packed + [0, 0, 0], limit: 1000)
    #expect(all == content + content)
    #expect(throws: ArchiveRefusal.tooLarge) { try Inflate.gunzip(packed, limit: 10) }
    #expect(throws: ArchiveRefusal.damaged) { try Inflate.gunzip(packed.dropLast(5) + [0, 0, 0, 0, 0], limit: 1000) }
    #expect(throws: ArchiveRefusal.damaged) { try Inflate.gunzip(Array(packed.dropLast(9)), limit: 1000) }
    var wrong = packed
    wrong[wrong.count - 8] ^= 1
    #expect(throws: ArchiveRefusal.damaged, "a wrong checksum") { try Inflate.gunzip(wrong, limit: 1000) }
  }

  @Test func aBombIsRefusedBeforeItUnfolds() {
    #expect(Inflate.most(of: 1 << 20, limit: 1 << 30) == 256 << 20)
    #expect(Inflate.most(of: 100, limit: 1 << 30) == 32 << 20)
    let zeros = Self.zeros(megabytes: 64)
    #expect(zeros.count < 70_000)
    #expect(throws: ArchiveRefusal.tooLarge) { try Inflate.inflate(zeros[...], limit: 1 << 30) }
    let stated = Self.zip("zeros", zeros, method: 8, size: 64 << 20, checksum: 0)
    #expect(throws: ArchiveRefusal.tooLarge) { try ZipReader.tree(stated, limit: 1 << 30) }
  }

  @Test func aZipIsHeldAgainstItsChecksums() throws {
    let content = Array("MemTotal: 4 kB\n".utf8)
    let sum = Inflate.checksum(content)
    let whole = Self.zip("meminfo", content, method: 0, size: content.count, checksum: sum)
    let tree = try ZipReader.tree(whole, limit: 1000)
    #expect(tree.text("/meminfo") == "MemTotal: 4 kB")
    let wrong = Self.zip("meminfo", content, method: 0, size: content.count, checksum: sum ^ 1)
    #expect(throws: ArchiveRefusal.damaged) { try ZipReader.tree(wrong, limit: 1000) }
    let short = Self.zip("meminfo", content, method: 0, size: content.count + 1, checksum: sum)
    #expect(throws: ArchiveRefusal.damaged) { try ZipReader.tree(short, limit: 1000) }
    let packed = Self.zip("zeros", Self.zeros(megabytes: 1), method: 8, size: 1 << 20, checksum: 1)
    #expect(throws: ArchiveRefusal.damaged) { try ZipReader.tree(packed, limit: 4 << 20) }
  }

  /// Deflate data of zeros, about 1030 to one.
  private static func zeros(megabytes: Int) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
      return []
    }
    defer { deflateEnd(&stream) }
    var (source, packed) = (
      [UInt8](repeating: 0, count: megabytes << 20), [UInt8](repeating: 0, count: megabytes << 11)
    )
    let room = packed.count
    return source.withUnsafeMutableBufferPointer { input in
      packed.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(room))
        deflate(&stream, Z_FINISH)
        return Array(output.prefix(room - Int(stream.avail_out)))
      }
    }
  }

  /// A zip archive of one member.
  private static func zip(_ name: String, _ data: [UInt8], method: Int, size: Int, checksum: UInt32) -> [UInt8] {
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let common =
      number(20, 2) + number(0, 2) + number(method, 2) + number(0, 4) + number(Int(checksum), 4) + number(data.count, 4)
      + number(size, 4) + number(name.utf8.count, 2) + number(0, 2)
    let local = number(0x0403_4b50, 4) + common + Array(name.utf8) + data
    let central =
      number(0x0201_4b50, 4) + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4)
      + number(0, 4) + Array(name.utf8)
    return local + central + number(0x0605_4b50, 4) + number(0, 4) + number(1, 2) + number(1, 2)
      + number(central.count, 4) + number(local.count, 4) + number(0, 2)
  }

  @Test func survivesDamagedArchives() {
    var random = SplitMix(seed: 7)
    for _ in 0..<300 {
      let noise = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = try? Inflate.inflate(noise[...], limit: 1 << 16)
      _ = try? Inflate.gunzip([0x1f, 0x8b, 8] + noise, limit: 1 << 16)
      _ = try? ZipReader.tree([0x50, 0x4b, 3, 4] + noise + [0x50, 0x4b, 5, 6] + noise.prefix(18), limit: 1 << 16)
      _ = TarReader.tree(noise + noise + noise)
      _ = SMBIOSTable(noise)
    }
  }
}
