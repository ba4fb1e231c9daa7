/// The bytes short of a 64-byte block that a hash keeps between two pieces, and the count of all bytes so far.
struct PendingBlock: Sendable {
  private var bytes: [UInt8] = []
  private var total: UInt64 = 0

  /// Passes on whole blocks, without copying those that lie whole in the piece, and keeps the rest.
  mutating func feed(_ piece: UnsafeRawBufferPointer, _ compress: (UnsafeRawBufferPointer) -> Void) {
    total &+= UInt64(piece.count)
    var rest = piece
    if !bytes.isEmpty {
      let taken = min(64 - bytes.count, rest.count)
      bytes.append(contentsOf: rest.prefix(taken))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
      guard bytes.count == 64 else { return }
      bytes.withUnsafeBytes { compress($0) }
      bytes.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~63
    if whole > 0 { compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole))) }
    bytes.append(contentsOf: rest.dropFirst(whole))
  }

  /// The standard's end of a message: a one bit, zeros, and the length in bits.
  func padding() -> [UInt8] {
    let zeros = (119 - Int(total % 64)) % 64
    let length = total &* 8
    return [0x80] + [UInt8](repeating: 0, count: zeros)
      + (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(56 - 8 * $0)) }
  }
}

extension UInt32 {
  func rotatedRight(_ count: UInt32) -> UInt32 { (self >> count) | (self << (32 - count)) }
}

/// Writes bytes as hexadecimal digits in lower case.
public func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
