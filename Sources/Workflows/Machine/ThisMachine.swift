public import Hardware
import Platform
import Profiles
import Units

extension Workspace {
  /// This machine, with the bandwidth that was measured last.
  ///
  /// - Parameter isLimited: false for the whole machine, whatever a container or an affinity mask leaves of it.
  public func thisMachine(isLimited: Bool = true) async -> Machine {
    var machine = await MachineProbe().probe(isLimited: isLimited)
    cache.read(for: machine)?.apply(to: &machine)
    return completed(machine)
  }

  /// The machine that dumps describe, or this one without any.
  ///
  /// - Parameter isKept: true where it becomes a profile: then dumps must be of one machine, and this one is taken whole.
  /// - Throws: `DumpError` where a dump is missing, or none can be read.
  public func machine(described inputs: [String], isKept: Bool) async throws -> Machine {
    guard !inputs.isEmpty else { return await thisMachine(isLimited: !isKept) }
    return completed(try await MachineDump().read(inputs, mustAgree: isKept), byNameAlone: true)
  }

  private var cache: BandwidthCache { BandwidthCache(folder: folders.cache) }

  /// The machine with the datasheets' figures of those parts that the catalogue knows.
  ///
  /// - Parameter byNameAlone: true for a dump, whose cards are known by their names where their memory is not told.
  public func completed(_ machine: Machine, byNameAlone: Bool = false) -> Machine {
    catalogue().completed(machine, byNameAlone: byNameAlone)
  }

  /// Measures this machine and keeps the result for later probes, where there is a folder to keep it in.
  ///
  /// - Throws: `Failure` where too little memory is free, or other work spoils the figures.
  public func measure(_ machine: inout Machine) throws {
    audience.note("measuring memory; other work on this machine lowers the figures")
    guard let measurement = BandwidthMeter().measure(machine, diskFolder: folders.cache) else {
      throw Failure(
        .failed, .notEnoughMemory, "too little memory is free: the arrays must be larger than the caches")
    }
    if let doubt = measurement.doubt() {
      throw Failure(
        .invalidResult, .doubtfulBandwidth, "\(doubt): other work kept the processors busy",
        remedy: "measure again with nothing else running, or state it: plimsoll plan --on \"cpu, 64 GiB\"")
    }
    keep(measurement, of: machine, Self.loadAverage).apply(to: &machine)
  }

  /// This machine as plans need it: where its bandwidth is not known, memory is read for half a second and the result kept,
  /// for without one no speed can be told.
  public func machineToPlan() async -> Machine {
    machineToPlan(await thisMachine(), loadAverage: Self.loadAverage) {
      BandwidthMeter(budget: .milliseconds(500)).glance($0)
    }
  }

  /// The machine with a bandwidth. One plan after the other has the same: what was read is kept for the limits that it was
  /// read under, and what was read beside other work is used until the machine is quiet, when it is read anew.
  func machineToPlan(
    _ probed: Machine, loadAverage: String?, glance: (Machine) -> BandwidthMeasurement?
  ) -> Machine {
    var machine = probed
    let isDisturbed = cache.read(for: machine)?.otherWork != nil && machine.memory.bandwidth?.source.kind == .measured
    guard machine.memory.bandwidth == nil || isDisturbed && machine.otherWork(loadAverage: loadAverage) == nil,
      let measurement = glance(machine)
    else { return machine }
    if let doubt = measurement.doubt() {
      audience.note("\(doubt), so it is not used: measure when nothing else runs (plimsoll probe --measure)")
      return machine
    }
    audience.note("measured memory bandwidth for half a second; plimsoll probe --measure measures more")
    keep(measurement, of: machine, loadAverage).apply(to: &machine)
    return machine
  }

  private static var loadAverage: String? { DiskTree().text("/proc/loadavg", limit: 128) }

  /// Keeps a measurement for later plans under the same limits, marked where it was taken beside other work.
  private func keep(
    _ measurement: BandwidthMeasurement, of machine: Machine, _ loadAverage: String?
  ) -> BandwidthMeasurement {
    var measurement = measurement
    measurement.otherWork = machine.otherWork(loadAverage: loadAverage)
    do {
      if try !cache.write(measurement), let cause = measurement.otherWork {
        audience.note("This bandwidth was not kept for later plans: the machine is busy (\(cause)).")
      } else if let cause = measurement.otherWork {
        audience.note(
          "The machine is busy (\(cause)), so this bandwidth is provisional and will be measured again.")
      }
    } catch {
      audience.note("the measurement could not be kept in \(folders.cache), so it will be made again: \(error)")
    }
    return measurement
  }

  /// Checks that a new profile would not take the place of another machine, before anything takes time.
  ///
  /// - Throws: `ProfileError.taken` or `.badName`.
  public func checkName(_ name: String, mayReplace: Bool) throws {
    try MachineProfile.checkName(name)
    // A name must mean the profile where a line of parts is expected.
    guard let line = try? MachineExpression(name), line.memory == nil, line.parts == [.init(count: 1, name: name)],
      name.lowercased() != "cpu"
    else { throw ProfileError.badName(name) }
    guard let entry = catalogue().entry(ofSameName: name), entry.shelf != .personal || !mayReplace else { return }
    throw ProfileError.taken(name, path: entry.path, isCatalogue: entry.shelf != .personal)
  }

  /// Writes the machine as a profile that `--on` and `machines` find by its name.
  public func keep(_ machine: inout Machine, as name: String) throws {
    machine.name = name
    let path = try MachineProfile.save(machine, folder: folders.profiles)
    audience.note("kept as \(path)")
  }
}
