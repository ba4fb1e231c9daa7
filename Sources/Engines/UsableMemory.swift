public import Hardware
public import Units

extension Machine {
  /// What a server may take of the host's memory: what is available now, else nearly all of it.
  public var usableHostBytes: Figure<ByteCount>? {
    let limit = memory.limitBytes.map { limit in
      Figure(
        limit.value - (memory.limitUsedBytes?.value ?? .zero),
        Source(.probed, "the container's limit, less what is used"))
    }
    let own =
      memory.availableBytes
      ?? memory.totalBytes.map {
        Figure($0.value.scaled(by: 0.95), Source(.computed, "95% of the memory; the rest is the system's"))
      }
    return [own, limit, processorNodesBytes].compactMap { $0 }.min { $0.value < $1.value }
  }

  /// What the nodes of the processors have, where the kernel counts the memory of accelerators as the machine's too.
  private var processorNodesBytes: Figure<ByteCount>? {
    guard unifiedMemory?.value != true, numaNodes.contains(where: { $0.kind?.value == "gpu" }) else { return nil }
    let own = numaNodes.filter { $0.kind?.value != "gpu" }.compactMap { $0.memoryBytes?.value }
    guard !own.isEmpty else { return nil }
    return Figure(
      own.reduce(.zero, +).scaled(by: 0.95), Source(.computed, "95% of the nodes that are no accelerator's memory"))
  }

  /// Returns the machine with so much of each accelerator's memory left alone; of the host's where it has none.
  public func leaving(_ headroom: ByteCount) -> Machine {
    func less(_ usable: Figure<ByteCount>) -> Figure<ByteCount> {
      Figure(max(.zero, usable.value - headroom), Source(.user, "\(headroom) left alone (--headroom)"))
    }
    var machine = self
    for index in accelerators.indices {
      machine.accelerators[index].freeBytes = usableBytes(ofAccelerator: index).map(less)
    }
    if accelerators.isEmpty { machine.memory.availableBytes = usableHostBytes.map(less) }
    return machine
  }

  /// What a server may take of an accelerator's memory; nil for one that is not there or not known.
  public func usableBytes(ofAccelerator index: Int) -> Figure<ByteCount>? {
    guard accelerators.indices.contains(index) else { return nil }
    let accelerator = accelerators[index]
    if accelerator.sharesMemory == true {
      // What a driver says is free now counts what firmware set apart and what the system has left beside it.
      return accelerator.freeBytes ?? memory.acceleratorBytes ?? accelerator.usableBytes ?? usableHostBytes
    }
    if let free = accelerator.freeBytes { return free }
    return (accelerator.usableBytes ?? accelerator.memoryBytes).map {
      Figure($0.value.scaled(by: 0.97), Source(.computed, "97% of its memory; the rest is the driver's"))
    }
  }

  /// What a driver shows a process as the whole memory of an accelerator, of which engines take shares; nil for one that
  /// is not there or not known.
  ///
  /// Less than what the driver's own tool lists: part of it is kept for the driver.
  public func visibleBytes(ofAccelerator index: Int) -> Figure<ByteCount>? {
    guard accelerators.indices.contains(index) else { return nil }
    let accelerator = accelerators[index]
    let listed = accelerator.usableBytes ?? accelerator.memoryBytes
    if accelerator.sharesMemory == true {
      let system = memory.totalBytes.map { total in
        total.source.kind == .probed
          ? total
          : Figure(total.value.scaled(by: 0.955), .computed, "95.5% of the memory; firmware and kernel keep the rest")
      }
      return [memory.acceleratorBytes, system, listed].compactMap { $0 }.min { $0.value < $1.value }
    }
    guard let listed else { return nil }
    let kept = MakerCatalogue.current.facts(of: accelerator.vendor.value).driverReserve(listed.value)
    guard kept > .zero, kept < listed.value else { return listed }
    return Figure(
      listed.value - kept, Source(.computed, "\(listed.value) less \(kept) that the driver keeps from processes"))
  }

  /// What the driver's own tool lists as the memory of an accelerator with memory of its own; nil for others.
  func listedBytes(ofAccelerator index: Int) -> ByteCount? {
    guard accelerators.indices.contains(index), accelerators[index].sharesMemory != true else { return nil }
    return (accelerators[index].usableBytes ?? accelerators[index].memoryBytes)?.value
  }

  /// What the host and accelerators on its memory may take together: the host's, and what firmware set apart.
  ///
  /// Where what is available was not probed, 90% of the memory: screen, system and other programs draw on it too, and
  /// weights that are paged out are read from the disk for every token. The share is assumed, not measured.
  public func sharedBytes(with devices: [Int]) -> ByteCount? {
    let carved = devices.filter { accelerators.indices.contains($0) }.compactMap { accelerators[$0].carvedBytes?.value }
    return usableHostBytes.map { host in
      let most = memory.availableBytes == nil ? memory.totalBytes?.value.scaled(by: 0.9) : nil
      return carved.reduce(min(host.value, most ?? host.value), +)
    }
  }
}
