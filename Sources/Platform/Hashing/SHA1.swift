/// SHA-1 (FIPS 180-4), for git's object names only: it protects against accidents, not against an enemy.
public struct SHA1: Sendable {
  private var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
  private var pending = PendingBlock()

  public init() {}

  /// Starts the hash by which git names a file of that many bytes.
  public init(gitBlobOf byteCount: Int) {
    update(Array("blob \(byteCount)\0".utf8))
  }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var held = pending
    held.feed(bytes) { blocks in
      for offset in stride(from: 0, to: blocks.count, by: 64) { compress(blocks, at: offset) }
    }
    pending = held
  }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The hash of everything added so far, as 40 hexadecimal digits in lower case.
  public var hexDigest: String {
    var copy = self
    copy.update(copy.pending.padding())
    return hexadecimal(
      copy.state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } })
  }

  /// One block by section 6.1.2 of the standard.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer, at offset: Int) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
      for index in 0..<16 {
        schedule[index] = UInt32(bigEndian: blocks.loadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self))
      }
      for index in 16..<80 {
        let mix = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
        schedule[index] = mix.rotatedRight(31)
      }
      var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
      for index in 0..<80 {
        let (choice, constant): (UInt32, UInt32)
        switch index {
        case ..<20: (choice, constant) = ((b & c) | (~b & d), 0x5a82_7999)
        case ..<40: (choice, constant) = (b ^ c ^ d, 0x6ed9_eba1)
        case ..<60: (choice, constant) = ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
        default: (choice, constant) = (b ^ c ^ d, 0xca62_c1d6)
        }
        let next = a.rotatedRight(27) &+ choice &+ e &+ constant &+ schedule[index]
        (e, d, c, b, a) = (d, c, b.rotatedRight(2), a, next)
      }
      for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
    }
  }
}
