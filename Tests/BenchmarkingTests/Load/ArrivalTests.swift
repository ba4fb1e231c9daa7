import Testing

@testable import Benchmarking

@Suite struct ArrivalTests {
  private func times(_ load: LoadPattern, requests: Int? = nil, seconds: Double? = nil, seed: UInt64 = 1) -> [Double] {
    let stage = Stage(load: load, stop: StopRule(requests: requests, seconds: seconds))
    return (ArrivalSchedule.times(for: stage, seed: seed) ?? []).map { Double($0) / 1e9 }
  }

  @Test func constantIsConstant() {
    #expect(times(.rate(10, process: .constant, cap: nil), requests: 4) == [0, 0.1, 0.2, 0.3])
  }

  @Test(arguments: [ArrivalProcess.poisson, .gamma(shape: 1), .gamma(shape: 0.25), .gamma(shape: 4)])
  func ratesAndSpreadsHold(process: ArrivalProcess) {
    let all = times(.rate(50, process: process, cap: nil), requests: 40_000)
    let gaps = zip(all.dropFirst(), all).map { $0 - $1 }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    #expect(mean.isClose(to: 0.02, within: 0.001))
    let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
    let shape = if case .gamma(let shape) = process { shape } else { 1.0 }
    // The squared coefficient of variation of gamma gaps is one over the shape.
    #expect((variance / mean / mean).isClose(to: 1 / shape, within: 0.12 / shape))
  }

  @Test func theSameSeedGivesTheSameSchedule() {
    let load = LoadPattern.rate(5, process: .poisson, cap: nil)
    #expect(times(load, requests: 50) == times(load, requests: 50))
    #expect(times(load, requests: 50) != times(load, requests: 50, seed: 2))
  }

  @Test func rampsGrowEvenly() {
    // From 0+ to 20 a second over 10 s: 100 arrivals, half of them after 7.07 s.
    let all = times(.rateRamp(from: 0.001, to: 20, seconds: 10, process: .constant, cap: nil), seconds: 10)
    #expect((99...101).contains(all.count))
    #expect(all[all.count / 2].isClose(to: 7.07, within: 0.1))
  }

  @Test func closedLoopsHaveNoSchedule() {
    let stage = Stage(load: .concurrency(4), stop: StopRule(requests: 3))
    #expect(ArrivalSchedule.times(for: stage, seed: 1) == nil)
  }

  @Test func everyLoadEnds() {
    let loads: [LoadPattern] = [
      .concurrency(4), .concurrencyRamp(from: 1, to: 4, seconds: 10), .rate(2, process: .poisson, cap: nil),
      .rateRamp(from: 1, to: 4, seconds: 10, process: .constant, cap: 8),
    ]
    for load in loads { #expect(StopRule().ending(load) == StopRule(requests: 72)) }
    // A trace at its own times ends with them.
    #expect(StopRule().ending(.trace(scale: 1, cap: 8)) == StopRule())
    for load in loads + [.trace(scale: 1, cap: nil)] {
      for asked in [StopRule(requests: 5), StopRule(seconds: 3), StopRule(precision: 0.02)] {
        #expect(asked.ending(load) == asked)
      }
    }
  }

  @Test func searchesEndAtTheEdge() {
    for edge in [0, 1, 5, 37, 100] {
      var tried: [(load: Int, held: Bool)] = []
      let search = GoalSearch(most: 64)
      while let load = search.next(after: tried), tried.count < 40 { tried.append((load, load <= edge)) }
      let best = tried.filter { $0.held }.map { $0.load }.max() ?? 0
      #expect(tried.count < 20)
      #expect(best <= edge)
      #expect(Double(best) >= 0.85 * Double(min(edge, 64)) - 1)
    }
  }
}
