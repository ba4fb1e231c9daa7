import Testing
import Units

@testable import Hardware

/// Measured rates that cannot be true are left out, and said.
@Suite struct BandwidthDoubtTests {
  private func applied(
    read: Double = 30e9, copy: Double = 28e9, triad: Double = 29e9, compute: [BandwidthMeasurement.Compute]? = nil,
    megahertz: Double? = nil, declared: Double? = nil
  ) -> Machine {
    var machine = Machine(name: "test")
    machine.cpu.megahertz = megahertz.map { Figure($0, .probed, "test") }
    machine.memory.bandwidth = declared.map { Figure($0, .computed, "8 channels") }
    var measured = BandwidthMeasurement(
      of: machine, date: "2026-01-01", read: read, copy: copy, triad: triad, threads: 2)
    measured.compute = compute
    measured.apply(to: &machine)
    return machine
  }

  @Test func likelyRatesAreTaken() {
    let machine = applied()
    #expect(machine.warnings.isEmpty)
    #expect(machine.memory.triadBandwidth?.value == 29e9)
  }

  @Test func aTriadFarBelowTheCopyIsLeftOutAlone() {
    let machine = applied(triad: 0.326e9)
    #expect(machine.memory.bandwidth?.value == 30e9)
    #expect(machine.memory.copyBandwidth?.value == 28e9)
    #expect(machine.memory.triadBandwidth == nil)
    #expect(machine.warnings.count == 1)
    #expect(machine.warnings[0].contains("triad") && machine.warnings[0].contains("not used"))
  }

  @Test func aCopyFarBelowReadsIsLeftOutWithItsTriad() {
    let machine = applied(copy: 2e9, triad: 2e9)
    #expect(machine.memory.bandwidth?.value == 30e9)
    #expect(machine.memory.copyBandwidth == nil && machine.memory.triadBandwidth == nil)
    #expect(machine.warnings.count == 2)
  }

  @Test func readsFarBelowWhatTheModulesPromiseAreNotUsed() {
    let machine = applied(read: 30e9, declared: 200e9)
    #expect(machine.memory.bandwidth?.value == 200e9)
    #expect(machine.warnings.contains { $0.contains("rated for") })
    #expect(applied(read: 120e9, copy: 110e9, triad: 115e9, declared: 200e9).memory.bandwidth?.value == 120e9)
  }

  @Test(
    arguments: [(1e9, nil, true), (60e9, nil, false), (3e9, 2500, false), (2e9, 2500, true)]
      as [(Double, Double?, Bool)])
  func dotProductsSlowerThanTheClockAreNotUsed(rate: Double, megahertz: Double?, isDoubtful: Bool) {
    let machine = applied(
      compute: [.init(bits: 8, instructions: "avx2", threads: 1, operationsPerSecond: rate)], megahertz: megahertz)
    #expect(machine.cpu.measuredCompute?.isEmpty == isDoubtful)
    #expect(machine.warnings.isEmpty == !isDoubtful)
  }
}
