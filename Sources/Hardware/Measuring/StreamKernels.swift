import CKernels
import Platform

/// The three loops that memory bandwidth is measured with, as STREAM defines and counts them.
enum StreamKernels {
  typealias Vector = SIMD8<Double>

  /// Reads an array once, by the C library's own search for a byte that is not in it; true if it is there after all.
  ///
  /// The library's loop is as fast in a debug build, where one written here would measure the build and not the memory.
  static func read(_ a: UnsafePointer<Vector>, _ count: Int) -> Bool {
    memchr(a, absentByte, count &* MemoryLayout<Vector>.stride) != nil
  }

  /// No byte of 1, 2, 3, or of what the triad makes of them as a Double.
  private static let absentByte: Int32 = 0xaa

  /// Copies an array, in the C library's own way; counted as read and written once.
  static func copy(_ target: UnsafeMutablePointer<Vector>, _ source: UnsafePointer<Vector>, _ count: Int) {
    memcpy(target, source, count &* MemoryLayout<Vector>.stride)
  }

  /// `a = b + 3 c`; counted as two reads and one write.
  static func triad(
    _ a: UnsafeMutablePointer<Vector>, _ b: UnsafePointer<Vector>, _ c: UnsafePointer<Vector>, _ count: Int
  ) {
    plimsoll_triad(a, b, c, count &* MemoryLayout<Vector>.stride)
  }
}
