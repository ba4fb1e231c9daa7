import Hardware
import Units

extension Profiles {
  /// A machine with everything that its parts state and it does not.
  ///
  /// - Parameter depth: how many entries, each a part of the one before, led here.
  /// - Throws: `ProfileError` where a part is not known, or where it states as many accelerators as its parts do not have.
  func expanded(_ machine: Machine, depth: Int) throws -> Machine {
    guard let parts = machine.parts else { return machine }
    let line = try MachineExpression(parts)
    // Entries that are made of each other would never end.
    guard depth < 4 else { throw ProfileError.invalid(name: machine.name, cause: "its parts have parts without end") }
    var whole = machine
    try whole.take(from: try self.machine(composedOf: line, depth: depth + 1))
    return whole
  }
}

extension Machine {
  /// Takes from its parts what it does not state.
  fileprivate mutating func take(from parts: Machine) throws {
    var system = system ?? parts.system
    system?.vendor.take(parts.system?.vendor)
    system?.product.take(parts.system?.product)
    self.system = system
    os.take(parts.os)
    cpu.take(from: parts.cpu)
    memory.take(from: parts.memory)
    if accelerators.isEmpty { accelerators = parts.accelerators }
    guard accelerators.count == parts.accelerators.count else {
      throw ProfileError.invalid(
        name: name, cause: "it states \(accelerators.count) accelerators, its parts are \(parts.accelerators.count)")
    }
    for index in accelerators.indices { accelerators[index].take(from: parts.accelerators[index]) }
    if links.isEmpty { links = parts.links }
    if numaNodes.isEmpty { numaNodes = parts.numaNodes }
    unifiedMemory.take(parts.unifiedMemory)
    virtualMachine.take(parts.virtualMachine)
    watts.take(parts.watts)
    price.take(parts.price)
    released.take(parts.released)
    let isTotalKnown = memory.totalBytes != nil
    unknowns += parts.unknowns.filter { !($0.fact == "memory.totalBytes" && isTotalKnown) }
    inputs += parts.inputs
  }
}

extension Optional {
  /// Takes another value where there is none.
  fileprivate mutating func take(_ other: Wrapped?) {
    if self == nil { self = other }
  }
}

extension Processor {
  fileprivate mutating func take(from other: Processor) {
    vendor.take(other.vendor)
    model.take(other.model)
    implementer.take(other.implementer)
    product.take(other.product)
    architecture.take(other.architecture)
    packages.take(other.packages)
    cores.take(other.cores)
    threads.take(other.threads)
    features.take(other.features)
    kinds.take(other.kinds)
    sveBits.take(other.sveBits)
    caches.take(other.caches)
    megahertz.take(other.megahertz)
    teraOperationsPerSecond.take(other.teraOperationsPerSecond)
    watts.take(other.watts)
  }
}

extension MachineMemory {
  fileprivate mutating func take(from other: MachineMemory) {
    totalBytes.take(other.totalBytes)
    installedBytes.take(other.installedBytes)
    type.take(other.type)
    speedMTs.take(other.speedMTs)
    channels.take(other.channels)
    bandwidth.take(other.bandwidth)
    highBandwidth.take(other.highBandwidth)
    acceleratorBytes.take(other.acceleratorBytes)
  }
}

extension Accelerator {
  fileprivate mutating func take(from other: Accelerator) {
    model.take(other.model)
    catalogue.take(other.catalogue)
    memoryBytes.take(other.memoryBytes)
    usableBytes.take(other.usableBytes)
    bandwidth.take(other.bandwidth)
    teraOperationsPerSecond.take(other.teraOperationsPerSecond)
    architecture.take(other.architecture)
    interconnect.take(other.interconnect)
    interconnectGigabytesPerSecond.take(other.interconnectGigabytesPerSecond)
    interconnectDevices.take(other.interconnectDevices)
    hostGigabytesPerSecond.take(other.hostGigabytesPerSecond)
    watts.take(other.watts)
    sharesMemory.take(other.sharesMemory)
    price.take(other.price)
    prices.take(other.prices)
    soldIn.take(other.soldIn)
  }
}
