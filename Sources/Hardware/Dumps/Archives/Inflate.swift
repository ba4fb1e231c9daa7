import CZlib
import Platform

/// Why packed data was not unpacked.
enum ArchiveRefusal: Error, Hashable {
  /// Cut short, changed, or never in the format: the checksum does not match either.
  case damaged
  /// More bytes than are read, or than any description of a machine unfolds to.
  case tooLarge
}

/// Undoes the deflate compression of gzip and zip, by zlib.
enum Inflate {
  /// The most bytes that so many packed ones may unfold to.
  ///
  /// Deflate packs at most 1032 to one, and only what repeats without end; trees and texts of machines pack 5 to 60 to
  /// one. What unfolds to more than 256 to one, beyond a size that does no harm, is made to fill memory.
  static func most(of packed: Int, limit: Int) -> Int { min(limit, max(32 << 20, packed &* 256)) }

  /// Returns the content of raw deflate data, as zip holds it.
  static func inflate(_ input: ArraySlice<UInt8>, limit: Int) throws(ArchiveRefusal) -> [UInt8] {
    try unpacked(input, limit: limit, windowBits: -MAX_WBITS)
  }

  /// Returns the content of a gzip file, all members of it, each held against its checksum and length.
  static func gunzip(_ bytes: [UInt8], limit: Int) throws(ArchiveRefusal) -> [UInt8] {
    try unpacked(bytes[...], limit: limit, windowBits: MAX_WBITS + 16)
  }

  /// The checksum that zip keeps of a member's content.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { raw in
      UInt32(truncatingIfNeeded: crc32_z(0, raw.bindMemory(to: UInt8.self).baseAddress, raw.count))
    }
  }

  private static func unpacked(
    _ input: ArraySlice<UInt8>, limit: Int, windowBits: Int32
  ) throws(ArchiveRefusal) -> [UInt8] {
    guard let size = UInt32(exactly: input.count) else { throw .tooLarge }
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .damaged
    }
    defer { inflateEnd(&stream) }
    let isGzip = windowBits > 0
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    let refusal = input.withUnsafeBytes { raw -> ArchiveRefusal? in
      // zlib reads the input and never writes to it.
      stream.next_in = UnsafeMutablePointer(mutating: raw.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = size
      while true {
        let (code, count) = chunk.withUnsafeMutableBytes { target -> (Int32, Int) in
          stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
          stream.avail_out = UInt32(target.count)
          let code = CZlib.inflate(&stream, Z_NO_FLUSH)
          return (code, target.count - Int(stream.avail_out))
        }
        guard output.count + count <= most(of: raw.count - Int(stream.avail_in), limit: limit) else { return .tooLarge }
        output += chunk.prefix(count)
        switch code {
        case Z_OK: continue
        case Z_STREAM_END:
          // Another member may follow; anything else after the last one is filling.
          guard isGzip, stream.avail_in > 1, let next = stream.next_in, next[0] == 0x1f, next[1] == 0x8b else {
            return nil
          }
          guard inflateReset(&stream) == Z_OK else { return .damaged }
        default: return .damaged
        }
      }
    }
    if let refusal { throw refusal }
    return output
  }
}
