import Testing

@testable import Benchmarking

@Suite struct SamplesKeptTests {
  /// A day of samples takes no more memory than an hour of them, and stays evenly spread over the run.
  @Test func samplesOfALongRunAreThinnedEvenly() throws {
    var collected = CollectedEvents(keepsRequests: false)
    for time in 0..<172_800 { collected.add(.event(.sample(TelemetrySample(time: Int64(time))))) }
    let times = collected.samples.map(\.time)
    #expect(times.count < CollectedEvents.mostSamples)
    #expect(times.count > CollectedEvents.mostSamples / 4)
    #expect(times.first == 0)
    #expect(Set(zip(times, times.dropFirst()).map { $1 - $0 }).count == 1)
  }

  @Test func aRunThatKeepsItsRequestsKeepsItsSamples() {
    var collected = CollectedEvents(keepsRequests: true)
    for time in 0..<10_000 { collected.add(.event(.sample(TelemetrySample(time: Int64(time))))) }
    #expect(collected.samples.count == 10_000)
  }
}
