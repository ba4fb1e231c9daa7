import CKernels
import Platform

/// A random ring of cache lines, followed one load after the other.
///
/// One thread builds it and another follows it after that, never both at once, which is why sharing it is sound.
final class LatencyChain: @unchecked Sendable {
  private var next: [Int]
  private(set) var nanoseconds: Double?

  /// Eight integers fill a cache line of 64 bytes; only the first of each is used.
  private static let step = 8

  init(lines: Int) {
    next = [Int](repeating: 0, count: lines * Self.step)
    var order = Array(0..<lines)
    // A fixed seed: the order only has to be unlike what a prefetcher guesses.
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for index in stride(from: lines - 1, to: 0, by: -1) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      order.swapAt(index, Int((state >> 33) % UInt64(index + 1)))
    }
    for index in 0..<lines { next[order[index] * Self.step] = order[(index + 1) % lines] * Self.step }
  }

  /// Follows the ring for half a million loads, each of another line, and notes the time of one.
  func follow() {
    let clock = MonotonicClock()
    let loads = 1 << 19
    let start = clock.now()
    let last = plimsoll_follow(next, loads)
    let spent = Double(clock.now() - start) / Double(loads)
    // The last place is used, so that the loads are not left out.
    nanoseconds = last < next.count ? spent : nil
  }
}
