/// Packs rising stamps and small counts into bytes, without loss.
///
/// Stamps are kept as differences of differences, in zig-zag variable-length integers: tokens come at a steady pace, so
/// a nanosecond stamp takes about three bytes instead of eight. Counts are run-length coded, since most chunks hold one.
enum StampCodec {
  static func pack(_ stamps: [Int64]) -> [UInt8] {
    var bytes: [UInt8] = []
    pack(stamps, into: &bytes)
    return bytes
  }

  /// Appends the packed stamps to a buffer.
  static func pack(_ stamps: [Int64], into bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + stamps.count * 4)
    var previous: Int64 = 0
    var pace: Int64 = 0
    for stamp in stamps {
      let gap = stamp &- previous
      append(zigzag(gap &- pace), to: &bytes)
      previous = stamp
      pace = gap
    }
  }

  /// Returns the stamps, or nil where the bytes are not a whole number of them.
  static func stamps(_ bytes: [UInt8]) -> [Int64]? {
    var stamps: [Int64] = []
    var offset = 0
    var previous: Int64 = 0
    var pace: Int64 = 0
    while offset < bytes.count {
      guard let word = next(bytes, &offset) else { return nil }
      pace = pace &+ unzigzag(word)
      previous = previous &+ pace
      stamps.append(previous)
    }
    return stamps
  }

  static func pack(counts: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    pack(counts: counts, into: &bytes)
    return bytes
  }

  /// Appends the packed counts to a buffer.
  static func pack(counts: [Int], into bytes: inout [UInt8]) {
    var index = 0
    while index < counts.count {
      let value = counts[index]
      var length = 1
      while index + length < counts.count, counts[index + length] == value { length += 1 }
      append(zigzag(Int64(value)), to: &bytes)
      append(UInt64(length), to: &bytes)
      index += length
    }
  }

  /// Returns the counts, or nil where the bytes are malformed or claim more than `limit` of them.
  static func counts(_ bytes: [UInt8], limit: Int = 16_777_216) -> [Int]? {
    var counts: [Int] = []
    var offset = 0
    while offset < bytes.count {
      guard let value = next(bytes, &offset), let length = next(bytes, &offset),
        length <= UInt64(limit - counts.count)
      else { return nil }
      counts.append(contentsOf: repeatElement(Int(unzigzag(value)), count: Int(length)))
    }
    return counts
  }

  private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

  private static func unzigzag(_ word: UInt64) -> Int64 {
    Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    var rest = word
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func next(_ bytes: [UInt8], _ offset: inout Int) -> UInt64? {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      word |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return word }
      shift += 7
    }
    return nil
  }
}
