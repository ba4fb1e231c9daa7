import ArgumentParser
import Hardware
import Platform
import Profiles
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
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "A dump of another machine: a file, folder or archive; may be given several times for one machine.",
      valueName: "path"))
  var inputs: [String] = []
  @Option(help: ArgumentHelp("Keep the machine as a profile of this name.", valueName: "name")) var save: String?
  @Flag(help: "Let --save write over a profile that was kept before.") var replace = false
  @Flag(help: "Measure memory bandwidth, latency and disk reads; takes some seconds.") var measure = false
  @Flag(help: "Draw the topology in the terminal.") var draw = false
  @Option(help: ArgumentHelp("Write the topology as hwloc XML, for lstopo -i.", valueName: "file")) var xml: String?
  @Flag(help: "Compare libhwloc's view with the kernel's own files.") var check = false
  @Option(name: .customLong("draw-svg"), help: ArgumentHelp("Write the drawing as SVG.", valueName: "file"))
  var drawSVG: String?
  @Flag(help: "Show where each figure comes from.") var explain = false
  @Flag(help: "Print JSON (plimsoll.machine/1).") var json = false

  func validate() throws {
    if replace, save == nil { throw ValidationError("--replace is about --save, which is not given") }
    if xml != nil, !inputs.isEmpty {
      throw ValidationError("--xml writes this machine's topology; lstopo -i reads another's dump itself")
    }
    if check, inputs.count > 1 { throw ValidationError("--check takes one recorded tree") }
    if measure, !inputs.isEmpty { throw ValidationError("--measure is about this machine, --from about another") }
  }

  func run() async throws {
    let context = CommandContext()
    if check { return try await TopologyCheck(tree: inputs.first, json: json).run() }
    if let xml { try context.writeTopology(to: xml) }
    if let save { try context.checkName(save, mayReplace: replace) }
    var machine =
      inputs.isEmpty
      ? await context.thisMachine(isLimited: save == nil)
      : context.completed(try await MachineDump().read(inputs, mustAgree: save != nil))
    if measure { try context.measure(&machine) }
    if let save { try context.keep(&machine, as: save) }
    if let drawSVG {
      try writeAtomically(Array(MachineDrawing(machine).svg().utf8), to: drawSVG)
      Terminal.note("drawn as \(drawSVG)")
    }
    if json { return try JSONOutput.print(machine) }
    if draw { return Terminal.result(MachineDrawing(machine).text(width: context.terminal.width)) }
    Terminal.result(MachineSummary(machine, showsSources: explain).rendered())
  }
}

extension CommandContext {
  /// This machine, with the bandwidth that was measured last.
  ///
  /// - Parameter isLimited: false for the whole machine, whatever a container or an affinity mask leaves of it.
  func thisMachine(isLimited: Bool = true) async -> Machine {
    var machine = await MachineProbe().probe(isLimited: isLimited)
    BandwidthCache(folder: folders.cache).read()?.apply(to: &machine)
    return completed(machine)
  }

  /// The machine with the datasheets' figures of those parts that the catalogue knows.
  func completed(_ machine: Machine) -> Machine {
    catalogue().completed(machine)
  }

  /// Measures this machine and keeps the result for later probes, where there is a folder to keep it in.
  func measure(_ machine: inout Machine) throws {
    Terminal.note("measuring memory; other work on this machine lowers the figures")
    guard let measurement = BandwidthMeter().measure(machine, diskFolder: folders.cache) else {
      throw Failure(
        .failed, .notEnoughMemory, "too little memory is free to measure with arrays that caches cannot hold")
    }
    if let doubt = measurement.doubt() {
      throw Failure(
        .invalidResult, .doubtfulBandwidth, "\(doubt): other work kept the processors busy",
        remedy: "measure again with nothing else running, or state it: plimsoll plan --on \"cpu, 64 GiB\"")
    }
    measurement.apply(to: &machine)
    if let cause = machine.whyMeasurementIsNotKept(loadAverage: DiskTree().text("/proc/loadavg", limit: 128)) {
      return Terminal.note("not kept for later: \(cause)")
    }
    do {
      try BandwidthCache(folder: folders.cache).write(measurement)
    } catch {
      Terminal.note("the measurement could not be kept in \(folders.cache), so it will be made again: \(error)")
    }
  }

  /// Checks that a new profile would not take the place of another machine, before anything takes time.
  ///
  /// - Throws: `ProfileError.taken` or `.badName`.
  func checkName(_ name: String, mayReplace: Bool) throws {
    try MachineProfile.checkName(name)
    // A name must mean the profile where a line of parts is expected.
    guard let line = try? MachineExpression(name), line.memory == nil, line.parts == [.init(count: 1, name: name)],
      name.lowercased() != "cpu"
    else { throw ProfileError.badName(name) }
    guard let entry = catalogue().entry(ofSameName: name), entry.shelf != .personal || !mayReplace else { return }
    throw ProfileError.taken(name, path: entry.path, isCatalogue: entry.shelf != .personal)
  }

  /// Writes the machine as a profile that `--on` and `machines` find by its name.
  func keep(_ machine: inout Machine, as name: String) throws {
    machine.name = name
    let path = try MachineProfile.save(machine, folder: folders.profiles)
    Terminal.note("kept as \(path)")
  }
}
