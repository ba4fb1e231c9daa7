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
    guard let limit else { return own }
    guard let own else { return limit }
    return limit.value < own.value ? limit : own
  }

  /// What a server may take of an accelerator's memory; nil for one that is not there or not known.
  public func usableBytes(ofAccelerator index: Int) -> Figure<ByteCount>? {
    guard accelerators.indices.contains(index) else { return nil }
    let accelerator = accelerators[index]
    if accelerator.sharesMemory == true {
      return memory.acceleratorBytes ?? accelerator.usableBytes ?? usableHostBytes
    }
    if let free = accelerator.freeBytes { return free }
    return (accelerator.usableBytes ?? accelerator.memoryBytes).map {
      Figure($0.value.scaled(by: 0.97), Source(.computed, "97% of its memory; the rest is the driver's"))
    }
  }
}
