public import Hardware
import Units

extension Profiles {
  /// Fills what a probe can't ask of the parts that the catalogue knows: bandwidth, peak rates, links, power.
  ///
  /// Nothing that the machine itself told is replaced, but a bandwidth that was only computed from clocks. Each figure keeps
  /// the source of its entry, with the entry's name.
  ///
  /// - Parameter byNameAlone: true for a dump, where the name of a card is enough to know its memory; on this machine the
  ///   driver tells it, and a card without a driver is of no use.
  public func completed(_ machine: Machine, byNameAlone: Bool = false) -> Machine {
    var machine = machine
    let sheets = Datasheets(self)
    for index in machine.accelerators.indices where machine.accelerators[index].catalogue == nil {
      let device = machine.accelerators[index]
      guard device.sharesMemory != true else { continue }
      let name = device.model.map { Self.card($0.value) }
      let number = device.pciDevice?.value
      if let (entry, sheet) = sheets.card(name, device: number, memory: Self.memoryOfCard(device)) {
        machine.accelerators[index].complete(from: sheet.accelerators[0], entry.name)
      } else if byNameAlone, device.isMemoryUntold, let (entry, sheet) = sheets.card(named: name, device: number) {
        machine.accelerators[index].complete(from: sheet.accelerators[0], entry.name)
        machine.accelerators[index].completeMemory(from: sheet.accelerators[0], entry.name)
      }
    }
    completeUnified(&machine, sheets, byNameAlone: byNameAlone)
    completeShared(&machine, sheets)
    completeProcessor(&machine, sheets)
    machine.forgetMemory()
    machine.limitNodesToAllMemory()
    return machine
  }

  /// An instance of a card in slices is named after the card: `NVIDIA A30 MIG 1g.6gb`.
  private static func card(_ model: String) -> String {
    model.firstRange(of: " MIG").map { String(model[..<$0.lowerBound]) } ?? model
  }

  /// Memory of the whole card where a device is a part of it.
  private static func memoryOfCard(_ device: Accelerator) -> Figure<ByteCount>? {
    guard let partition = device.partition, partition.memoryShare > 0 else { return device.memoryBytes }
    return device.memoryBytes.map { own in
      own.map { partition.cardBytes ?? $0.scaled(by: 1 / partition.memoryShare) }
    }
  }

  /// A system whose processor and GPU share one memory: its bandwidth is soldered on.
  private func completeUnified(_ machine: inout Machine, _ sheets: Datasheets, byNameAlone: Bool) {
    guard machine.unifiedMemory?.value == true else { return }
    let names = [machine.accelerators.first?.model, machine.cpu.model, machine.system?.product].compactMap { $0?.value }
    guard let installed = machine.memory.installedBytes ?? machine.memory.totalBytes else {
      guard byNameAlone, let (sheet, memory) = sheets.system(called: names) else { return }
      machine.memory.bandwidth.complete(sheet.machine.memory.bandwidth, sheet.entry.name)
      machine.memory.totalBytes.complete(memory, sheet.entry.name)
      if machine.accelerators.count == 1, let own = sheet.machine.accelerators.first, memory != nil {
        machine.accelerators[0].complete(from: own, sheet.entry.name)
      }
      machine.forgetBandwidth()
      return
    }
    let count = max(1, machine.accelerators.count)
    let share = ByteCount(installed.value.bytes / count)
    guard let (entry, found) = sheets.system(called: names, memory: share) else { return }
    if count == 1 { machine.memory.bandwidth.complete(found.memory.bandwidth, entry.name) }
    for index in machine.accelerators.indices where machine.accelerators[index].catalogue == nil {
      found.accelerators.first.map { machine.accelerators[index].complete(from: $0, entry.name) }
    }
    machine.forgetBandwidth()
  }

  /// An integrated GPU: what it computes is known by its name, how fast it reads goes with the memory beside it.
  private func completeShared(_ machine: inout Machine, _ sheets: Datasheets) {
    for index in machine.accelerators.indices
    where machine.accelerators[index].catalogue == nil && machine.accelerators[index].sharesMemory == true {
      let device = machine.accelerators[index]
      guard let (entry, sheet) = sheets.integrated(device.model?.value, device: device.pciDevice?.value) else {
        continue
      }
      var own = sheet.accelerators[0]
      own.bandwidth?.source.kind = .assumed
      if machine.memory.bandwidth != nil { own.bandwidth = nil }
      machine.accelerators[index].complete(from: own, "\(entry.name), with the fastest memory that it takes")
      machine.accelerators[index].catalogue = entry.name
    }
  }

  /// A processor in sockets: its peak rates and power; its memory's peak only where all cores are there to use it.
  private func completeProcessor(_ machine: inout Machine, _ sheets: Datasheets) {
    guard let (entry, found) = sheets.processor(machine) else { return }
    let packages = max(1, machine.cpu.packages?.value ?? 1)
    machine.cpu.watts.complete(found.cpu.watts.map { $0.map { $0 * Double(packages) } }, entry.name)
    if machine.cpu.teraOperationsPerSecond == nil {
      machine.cpu.teraOperationsPerSecond = found.cpu.teraOperationsPerSecond?.mapValues {
        $0.map { $0 * Double(packages) }.named(entry.name)
      }
    }
    let isWhole =
      machine.virtualMachine?.value != true && machine.cpuLimit == nil
      && machine.cpu.cores?.value == found.cpu.cores.map { $0.value * packages }
    guard isWhole, machine.memory.bandwidth == nil, machine.memory.channels?.populated == nil else { return }
    var peak = found.memory.bandwidth.map { $0.map { $0 * Double(packages) } }
    // The rate is the datasheet's; that every channel has a module of full speed nobody has looked at.
    peak?.source.kind = .assumed
    machine.memory.bandwidth.complete(peak, "\(entry.name), with a module on every channel")
    machine.forgetBandwidth()
  }
}

extension Accelerator {
  /// True where no driver told the memory: it is missing, or was guessed from the name of a part of a card.
  fileprivate var isMemoryUntold: Bool {
    memoryBytes == nil || partition != nil && partition?.cardBytes == nil && memoryBytes?.source.kind == .assumed
  }

  /// Takes the memory of the card that its name tells.
  fileprivate mutating func completeMemory(from sheet: Accelerator, _ entry: String) {
    guard memoryBytes == nil, partition == nil else { return }
    memoryBytes.complete(sheet.memoryBytes, "\(entry), by its name alone")
    usableBytes.complete(sheet.usableBytes, "\(entry), by its name alone")
  }

  /// Takes from a datasheet what the device itself did not tell.
  fileprivate mutating func complete(from sheet: Accelerator, _ entry: String) {
    catalogue = entry
    model.complete(sheet.model, entry)
    // A datasheet's rate goes before one that was worked out from clocks; of a part of a card it is that part's share.
    let share = partition?.memoryShare ?? 1
    if bandwidth?.source.kind == .computed, sheet.bandwidth != nil { bandwidth = nil }
    bandwidth.complete(sheet.bandwidth.map { $0.map { $0 * share } }, entry)
    architecture.complete(sheet.architecture, entry)
    hostGigabytesPerSecond.complete(sheet.hostGigabytesPerSecond, entry)
    // MIG's instances reach no other by NVLink; the power is the whole card's.
    if partition == nil || vendor.value != .nvidia {
      interconnect.complete(sheet.interconnect, entry)
      interconnectGigabytesPerSecond.complete(sheet.interconnectGigabytesPerSecond, entry)
      interconnectDevices.complete(sheet.interconnectDevices, entry)
    }
    if partition == nil { watts.complete(sheet.watts, entry) }
    if teraOperationsPerSecond == nil {
      let compute = partition?.computeShare ?? 1
      teraOperationsPerSecond = sheet.teraOperationsPerSecond?.mapValues { $0.map { $0 * compute }.named(entry) }
    }
  }
}

extension Machine {
  /// The bandwidth is known now, if only from a document.
  fileprivate mutating func forgetBandwidth() {
    if memory.bandwidth != nil { unknowns.removeAll { $0.fact == "memory.bandwidth" } }
  }

  /// Memory that is known now is asked for no longer.
  fileprivate mutating func forgetMemory() {
    if memory.totalBytes != nil { unknowns.removeAll { $0.fact == "memory.totalBytes" } }
    let (head, tail) = ("accelerators[", "].memoryBytes")
    unknowns = unknowns.compactMap { unknown in
      guard unknown.fact.hasPrefix(head), unknown.fact.hasSuffix(tail),
        let asked = CPUSet(list: String(unknown.fact.dropFirst(head.count).dropLast(tail.count)))
      else { return unknown }
      let left = asked.members.filter { !accelerators.indices.contains($0) || accelerators[$0].memoryBytes == nil }
      guard left.count < asked.count else { return unknown }
      var rest = unknown
      rest.fact = head + CPUSet(left).list + tail
      return left.isEmpty ? nil : rest
    }
  }
}

extension Figure {
  /// The same figure, its source with the name of the entry that it is from.
  fileprivate func named(_ entry: String) -> Figure {
    var figure = self
    figure.source.detail = "catalogue \(entry): \(source.detail)"
    return figure
  }
}

extension Optional {
  /// Takes a datasheet's figure where there is none.
  fileprivate mutating func complete<Value>(_ figure: Figure<Value>?, _ entry: String) where Wrapped == Figure<Value> {
    if self == nil { self = figure?.named(entry) }
  }
}
