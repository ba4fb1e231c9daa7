#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The three loops that memory bandwidth is measured with, as STREAM defines and counts them.
enum StreamKernels {
  typealias Vector = SIMD8<Double>

  /// Adds up an array; one byte moved for each byte read.
  static func read(_ a: UnsafePointer<Vector>, _ count: Int) -> Double {
    var first = Vector.zero
    var second = Vector.zero
    var third = Vector.zero
    var fourth = Vector.zero
    var index = 0
    // Four sums at a time, so that the adds do not wait for one another.
    while index &+ 4 <= count {
      first += a[index]
      second += a[index &+ 1]
      third += a[index &+ 2]
      fourth += a[index &+ 3]
      index &+= 4
    }
    return (first + second + third + fourth).sum()
  }

  /// Copies an array, in the C library's own way; counted as read and written once.
  static func copy(_ target: UnsafeMutablePointer<Vector>, _ source: UnsafePointer<Vector>, _ count: Int) {
    memcpy(target, source, count &* MemoryLayout<Vector>.stride)
  }

  /// `a = b + 3 c`; counted as two reads and one write.
  static func triad(
    _ a: UnsafeMutablePointer<Vector>, _ b: UnsafePointer<Vector>, _ c: UnsafePointer<Vector>, _ count: Int
  ) {
    let scalar = Vector(repeating: 3)
    var index = 0
    while index < count {
      a[index] = b[index] + scalar * c[index]
      index &+= 1
    }
  }
}
