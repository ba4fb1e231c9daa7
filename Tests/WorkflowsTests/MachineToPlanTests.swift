import Hardware
import Platform
import Testing
import Units

@testable import Workflows

/// The bandwidth that plans count with where nobody knows it: read once, and the same from plan to plan.
@Suite struct MachineToPlanTests {
  private static let quiet = "0.10 0.20 0.30 1/200 999"
  private static let busy = "40.00 0.20 0.30 9/200 999"

  private func machine(_ change: (inout Machine) -> Void = { _ in }) -> Machine {
    var machine = Machine(name: "test")
    machine.cpu.model = Figure("test", .probed, "test")
    machine.cpu.threads = Figure(8, .probed, "test")
    machine.memory.totalBytes = Figure(.gibibytes(16), .probed, "test")
    change(&machine)
    return machine
  }

  /// A memory that each reading finds slower, so that a second reading shows.
  private final class Reader {
    private(set) var count = 0

    func read(_ machine: Machine) -> BandwidthMeasurement? {
      count += 1
      let rate = 50e9 - Double(count) * 1e9
      return BandwidthMeasurement(of: machine, date: "2026-01-01", read: rate, copy: rate, triad: rate, threads: 8)
    }
  }

  /// What the next plan of a machine counts with: what is kept is found as a probe finds it.
  private func plan(
    _ fixture: WorkspaceFixture, _ probed: Machine, _ load: String, _ reader: Reader
  ) -> Figure<Double>? {
    var machine = probed
    BandwidthCache(folder: fixture.workspace.folders.cache).read(for: machine)?.apply(to: &machine)
    return fixture.workspace.machineToPlan(machine, loadAverage: load) { reader.read($0) }.memory.bandwidth
  }

  @Test func readsOnceAndKeepsIt() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let reader = Reader()
    let figures = (0..<3).map { _ in plan(fixture, machine(), Self.quiet, reader) }
    #expect(figures.map { $0?.value } == [49e9, 49e9, 49e9])
    #expect(figures.allSatisfy { $0?.source.kind == .measured })
    #expect(reader.count == 1)
    #expect(fixture.notes.count == 1)
  }

  @Test func aContainersReadingIsItsOwn() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let reader = Reader()
    let small = machine { $0.memory.limitBytes = Figure(.gibibytes(2), .probed, "test") }
    let narrow = machine { $0.cpu.allowed = Figure("0-1", .probed, "test") }
    let slow = machine { $0.cpuLimit = Figure(0.5, .probed, "test") }
    let rounds = (0..<2).map { _ in
      [machine(), small, narrow, slow].map { plan(fixture, $0, Self.quiet, reader)?.value }
    }
    #expect(rounds[0] == [49e9, 48e9, 47e9, 46e9])
    #expect(rounds[1] == rounds[0])
    #expect(reader.count == 4)
  }

  @Test func whatWasReadBesideOtherWorkHoldsUntilTheMachineIsQuiet() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let reader = Reader()
    let busy = (0..<3).map { _ in plan(fixture, machine(), Self.busy, reader) }
    #expect(busy.map { $0?.value } == [49e9, 49e9, 49e9])
    #expect(busy.allSatisfy { $0?.source.detail.contains("beside other work") == true })
    let quiet = (0..<2).map { _ in plan(fixture, machine(), Self.quiet, reader) }
    #expect(quiet.map { $0?.value } == [48e9, 48e9])
    // A busy hour later takes nothing away.
    #expect(plan(fixture, machine(), Self.busy, reader)?.value == 48e9)
    #expect(reader.count == 2)
  }

  @Test func aReadingThatCannotBeTrueIsLeftOut() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let found = fixture.workspace.machineToPlan(machine(), loadAverage: Self.quiet) { machine in
      BandwidthMeasurement(of: machine, date: "2026-01-01", read: 10e9, copy: 30e9, triad: 10e9, threads: 8)
    }
    #expect(found.memory.bandwidth == nil)
    #expect(fixture.notes.contains { $0.contains("not used") })
  }

  @Test func aKnownBandwidthIsNotRead() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let reader = Reader()
    let known = machine { $0.memory.bandwidth = Figure(100e9, .datasheet, "test") }
    #expect(plan(fixture, known, Self.quiet, reader)?.value == 100e9)
    #expect(reader.count == 0)
  }

  /// What the main job measures in full first.
  @Test func needsMeasuringWhereAGlanceIsAllThatIsKnown() {
    #expect(machine().needsMeasuring)
    #expect(machine { $0.memory.bandwidth = Figure(50e9, .measured, "test") }.needsMeasuring)
    #expect(!machine { $0.memory.bandwidth = Figure(50e9, .datasheet, "test") }.needsMeasuring)
    let whole = machine {
      $0.memory.bandwidth = Figure(50e9, .measured, "test")
      $0.cpu.measuredCompute = [
        ComputeRate(
          weightBits: 8, instructions: "avx2", threads: 1, teraOperationsPerSecond: Figure(0.1, .measured, "test"))
      ]
    }
    #expect(!whole.needsMeasuring)
  }
}
