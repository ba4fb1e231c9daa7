import CKernels
import Platform

/// Measures how fast the processor multiplies quantized weights, by the widest units that it has.
///
/// The data fit in the caches of a core, so that nothing but the units is timed; what memory adds is measured apart.
struct ComputeMeter {
  let clock: MonotonicClock
  /// Time for one figure.
  var budget = Duration.milliseconds(120)

  /// The kernels from the widest to the plainest, by the names of their instruction sets.
  private static let sets: [(isa: plimsoll_isa, name: String)] = [
    (PLIMSOLL_ISA_AMX_INT8, "amx_int8"), (PLIMSOLL_ISA_AVX512_VNNI, "avx512_vnni"), (PLIMSOLL_ISA_AVX_VNNI, "avx_vnni"),
    (PLIMSOLL_ISA_AVX2, "avx2"), (PLIMSOLL_ISA_I8MM, "i8mm"), (PLIMSOLL_ISA_DOTPROD, "asimddp"),
    (PLIMSOLL_ISA_NEON, "neon"), (PLIMSOLL_ISA_PORTABLE, "none"),
  ]

  /// Returns the rates of one core and of all of these CPUs, for weights of 8 and of 4 bits.
  ///
  /// - Parameters:
  ///   - cpus: one CPU of each core.
  ///   - pin: keeps the calling thread on a CPU.
  func measure(_ cpus: [Int], pin: @escaping @Sendable (Int) -> Void) -> [BandwidthMeasurement.Compute] {
    // The tiles take 8 bits only; weights of 4 are unpacked before, which the next kernel times.
    let own = Self.sets.filter { plimsoll_isa_available(Int32($0.isa.rawValue)) != 0 }
    guard let widest = own.first, let general = own.first(where: { $0.isa != PLIMSOLL_ISA_AMX_INT8 }) else { return [] }
    var found: [BandwidthMeasurement.Compute] = []
    for (bits, set) in [(8, widest), (4, general)] {
      for count in Set([1, cpus.count]).sorted() where count > 0 {
        let used = Array(cpus.prefix(count))
        guard let rate = rate(bits, set.isa, used, pin) else { continue }
        found.append(.init(bits: bits, instructions: set.name, threads: count, operationsPerSecond: rate))
      }
    }
    return found
  }

  /// The best of several rounds, operations a second of all threads together.
  private func rate(
    _ bits: Int, _ isa: plimsoll_isa, _ cpus: [Int], _ pin: @escaping @Sendable (Int) -> Void
  ) -> Double? {
    let blocks = 256
    let data = Data(blocks: blocks)
    let code = Int32(isa.rawValue)
    func time(_ rounds: Int) -> Double {
      let start = clock.now()
      PinnedThreads.run(on: cpus, pin: pin) { _ in data.run(code, Int32(bits), rounds) }
      return Double(max(1, clock.now() - start)) / 1e9
    }
    // Enough rounds that starting the threads does not count; the least of three times, for other work may be in one.
    var rounds = 64
    while rounds < 1 << 24, (0..<3).map({ _ in time(rounds) }).min() ?? 1 < 0.01 { rounds *= 4 }
    var best = 0.0
    var tries = 0
    let begin = clock.now()
    let limit = Int64(budget / .nanoseconds(1))
    // Five tries in any case, unless the machine is so busy that they take far longer than was given.
    while clock.now() - begin < (tries < 5 ? 8 * limit : limit) {
      tries += 1
      let operations = plimsoll_dot_operations(code, blocks, rounds) * Double(cpus.count)
      best = max(best, operations / time(rounds))
    }
    return best > 0 ? best : nil
  }

  /// Weights and activations, read by all threads and written by none.
  private final class Data: Sendable {
    let blocks: Int
    let weights: [UInt8]
    let activations: [Int8]
    let scales: [Float]

    init(blocks: Int) {
      self.blocks = blocks
      weights = (0..<blocks * 32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      activations = (0..<blocks * 32).map { Int8(truncatingIfNeeded: $0 % 251 - 125) }
      scales = [Float](repeating: 0.01, count: blocks)
    }

    func run(_ isa: Int32, _ bits: Int32, _ rounds: Int) {
      weights.withUnsafeBufferPointer { weights in
        activations.withUnsafeBufferPointer { activations in
          scales.withUnsafeBufferPointer { scales in
            _ = plimsoll_dot(
              isa, bits, weights.baseAddress, activations.baseAddress, scales.baseAddress, blocks, rounds)
          }
        }
      }
    }
  }
}
