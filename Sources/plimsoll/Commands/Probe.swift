import ArgumentParser
import Hardware
import Platform
import Reporting
import Units

/// What this machine is, or what a dump says of another.
struct Probe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show this machine, or read a dump of somebody else's.",
    discussion: """
      Example: plimsoll probe --from lstopo.xml --from nvidia-smi.xml --save their-server
      reads two dumps of one machine and keeps it as a profile, which --on their-server then names.
      """)
  @Flag(help: "Measure memory bandwidth, latency and disk reads; takes some seconds.") var measure = false
  @Flag(help: "Show where each figure comes from.") var explain = false
  @Flag(help: "Print JSON (plimsoll.machine/1).") var json = false

  func run() async throws {
    let context = CommandContext()
    var machine = await context.thisMachine()
    if measure { try context.measure(&machine) }
    if json { return try JSONOutput.print(machine) }
    Terminal.result(MachineSummary(machine, showsSources: explain).rendered())
  }
}

extension CommandContext {
  /// This machine, with the bandwidth that was measured last.
  func thisMachine() async -> Machine {
    var machine = await MachineProbe().probe()
    BandwidthCache(folder: folders.cache).read()?.apply(to: &machine)
    return machine
  }

  /// Measures this machine and keeps the result for later probes.
  func measure(_ machine: inout Machine) throws {
    Terminal.note("measuring memory; other work on this machine lowers the figures")
    guard let measurement = BandwidthMeter().measure(machine) else {
      throw Failure(
        .failed, "not-enough-memory", "too little memory is free to measure with arrays that caches cannot hold")
    }
    try BandwidthCache(folder: folders.cache).write(measurement)
    measurement.apply(to: &machine)
  }
}
