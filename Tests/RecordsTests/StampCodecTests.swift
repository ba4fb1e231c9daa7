import Benchmarking
import Testing

@testable import Records

@Suite struct StampCodecTests {
  @Test(arguments: [
    [], [0], [Int64.max], [Int64.min, Int64.max, 0], [5, 4, 3], [1_000_000_000, 1_010_000_123, 1_020_000_456],
  ])
  func stampsComeBack(_ stamps: [Int64]) {
    #expect(StampCodec.stamps(StampCodec.pack(stamps)) == stamps)
  }

  @Test func anyStampsComeBack() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let stamps = (0..<Int.random(in: 0...50, using: &generator)).map { _ in
        Int64(bitPattern: generator.next() >> UInt64.random(in: 0...63, using: &generator))
      }
      #expect(StampCodec.stamps(StampCodec.pack(stamps)) == stamps)
    }
  }

  @Test func steadyTokensTakeAboutThreeBytes() {
    var generator = SeededGenerator(seed: 3)
    var time: Int64 = 100_000_000
    let stamps = (0..<1000).map { _ in
      time += 10_000_000 + Int64.random(in: -200_000...200_000, using: &generator)
      return time
    }
    #expect(StampCodec.pack(stamps).count < 3100)
  }

  @Test func countsComeBackAndRunsAreShort() {
    let counts = Array(repeating: 1, count: 500) + [3, 3, 0, -1]
    let bytes = StampCodec.pack(counts: counts)
    #expect(StampCodec.counts(bytes) == counts)
    #expect(bytes.count <= 10)
  }

  @Test func hostileBytesAreRefused() {
    #expect(StampCodec.stamps([0x80]) == nil)
    #expect(StampCodec.stamps(Array(repeating: 0xFF, count: 12)) == nil)
    #expect(StampCodec.counts([2]) == nil)
    // One value said to come 2^35 times.
    #expect(StampCodec.counts([2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]) == nil)
  }
}
