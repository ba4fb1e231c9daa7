import Testing
import Units

@testable import Benchmarking

@Suite struct BlocksTests {
  @Test func eachSideComesFirstEquallyOften() {
    #expect(BlockOrder.interleaved(pairs: 4) == [.a, .b, .b, .a, .a, .b, .b, .a])
    #expect(BlockOrder.interleaved(pairs: 0).isEmpty)
  }

  @Test func independentValuesGetShortBlocksAndDriftingOnesLong() {
    var generator = SeededGenerator(seed: 5)
    let white = (0..<600).map { _ in Double.random(in: 1...2, using: &generator) }
    var level = 10.0
    let walk = (0..<600).map { _ in
      level += Double.random(in: -1...1, using: &generator)
      return level
    }
    #expect(Blocks(white).size <= 4)
    #expect(Blocks(walk).size >= 60)
    #expect(Blocks(walk).means.count >= 6)
  }

  @Test func everyValueIsInABlock() {
    let series = (1...23).map { Double($0) }
    let blocks = Blocks(series)
    #expect(blocks.means.count >= 6)
    #expect(Blocks([]).means.isEmpty)
    #expect(Blocks([4]).means == [4])
  }

  @Test func throughputCountsEveryTokenOnce() {
    let requests = (0..<40).map { number in
      var request = RequestRecord(index: number, stage: "s", scheduled: 0, outcome: .completed)
      request.sent = Int64(number) * 1_000_000_000
      request.lastToken = Int64(number + 1) * 1_000_000_000
      request.outputTokens = 50
      return request
    }
    let blocks = Blocks.throughput(of: requests)
    #expect(blocks.count == 6 || blocks.count == 5)
    #expect(blocks.allSatisfy { abs($0 - 50) < 1e-9 })
  }

  @Test func theFloorIsTheLargestDifferenceSeen() throws {
    #expect(NoiseFloor(measured: [1.01, 0.98], on: "m") == nil)
    let floor = try #require(NoiseFloor(measured: [1.01, 1 / 1.04, 1.02], on: "m"))
    #expect(abs(floor.share - 0.04) < 1e-9)
    #expect(floor.source.kind == .measured)
  }
}
