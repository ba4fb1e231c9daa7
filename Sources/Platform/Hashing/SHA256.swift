import CLinux

/// SHA-256 (FIPS 180-4), fed piece by piece; by the processor's own instructions where it has them.
public struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending = PendingBlock()
  private let usesInstructions: Bool

  /// Starts a hash; `usesInstructions` false takes the portable way, for tests and other processors.
  public init(usesInstructions: Bool = true) {
    self.usesInstructions = usesInstructions && Self.hasInstructions
  }

  private static let hasInstructions = plimsoll_has_sha256() != 0

  /// Adds bytes at the end.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var held = pending
    held.feed(bytes) { blocks in compress(blocks) }
    pending = held
  }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Returns the hash of everything added so far; more may be added after.
  public func digest() -> [UInt8] {
    var copy = self
    copy.update(copy.pending.padding())
    return copy.state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
  }

  /// The hash as 64 hexadecimal digits in lower case.
  public var hexDigest: String { hexadecimal(digest()) }

  /// Returns the hash of some bytes in hexadecimal.
  public static func hex(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexDigest
  }

  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    guard let start = blocks.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let useInstructions = usesInstructions
    state.withUnsafeMutableBufferPointer { state in
      Self.constants.withUnsafeBufferPointer { constants in
        guard let words = state.baseAddress, let table = constants.baseAddress else { return }
        if useInstructions {
          plimsoll_sha256_blocks(words, start, blocks.count / 64, table)
        } else {
          for offset in stride(from: 0, to: blocks.count, by: 64) {
            Self.compressPortably(words, start + offset, table)
          }
        }
      }
    }
  }

  /// One block by section 6.2.2 of the standard.
  private static func compressPortably(
    _ state: UnsafeMutablePointer<UInt32>, _ block: UnsafePointer<UInt8>, _ constants: UnsafePointer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
      let raw = UnsafeRawPointer(block)
      for index in 0..<16 {
        schedule[index] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
      }
      for index in 16..<64 {
        let early = schedule[index - 15]
        let late = schedule[index - 2]
        let mixEarly = early.rotatedRight(7) ^ early.rotatedRight(18) ^ (early >> 3)
        let mixLate = late.rotatedRight(17) ^ late.rotatedRight(19) ^ (late >> 10)
        schedule[index] = schedule[index - 16] &+ mixEarly &+ schedule[index - 7] &+ mixLate
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      for index in 0..<64 {
        let mixE = e.rotatedRight(6) ^ e.rotatedRight(11) ^ e.rotatedRight(25)
        let first = h &+ mixE &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ schedule[index]
        let mixA = a.rotatedRight(2) ^ a.rotatedRight(13) ^ a.rotatedRight(22)
        let second = mixA &+ ((a & b) ^ (a & c) ^ (b & c))
        (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
      }
      for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
