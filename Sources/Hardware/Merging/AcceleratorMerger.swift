import Units

/// Makes one list of accelerators of several: a device is the same where its PCI address is.
enum AcceleratorMerger {
  /// Adds another source's devices and links.
  static func fill(_ machine: inout Machine, _ other: Machine) {
    var places: [Int: Int] = [:]
    let isSameList = machine.accelerators.count == other.accelerators.count
    let before = machine.accelerators
    var taken = Set<Int>()
    for (index, device) in other.accelerators.enumerated() {
      let match = place(of: device, at: index, in: before, isSameList: isSameList, taken: taken)
      if let match {
        taken.insert(match)
        fill(&machine.accelerators[match], device)
        places[index] = match
      } else if before.isEmpty || adds(device, to: before) {
        machine.accelerators.append(device)
        places[index] = machine.accelerators.count - 1
      }
    }
    // A device that was left out takes its links with it.
    func isKept(_ end: String) -> Bool {
      guard let index = number(of: end), other.accelerators.indices.contains(index) else { return true }
      return places[index] != nil
    }
    addLinks(&machine, other.links.filter { isKept($0.a) && isKept($0.b) }, places)
  }

  private static func number(of end: String) -> Int? { end.hasPrefix("gpu") ? Int(end.dropFirst(3)) : nil }

  /// A list of PCI devices adds only vendors that no better source has told of: of a GPU in partitions, or in part passed
  /// to a guest, the maker's tool knows how many can be used.
  private static func adds(_ device: Accelerator, to known: [Accelerator]) -> Bool {
    !known.contains { $0.vendor.value == device.vendor.value }
  }

  private static func place(
    of device: Accelerator, at index: Int, in known: [Accelerator], isSameList: Bool, taken: Set<Int>
  ) -> Int? {
    if let address = device.address?.value {
      if let match = known.indices.first(where: { known[$0].address?.value == address && !taken.contains($0) }) {
        return match
      }
      guard known.allSatisfy({ $0.address == nil }) else { return nil }
    }
    // Without addresses only the order is left to go by, and that only where both lists are of the same devices.
    guard isSameList, index < known.count, known[index].vendor.value == device.vendor.value, !taken.contains(index)
    else { return nil }
    return index
  }

  private static func fill(_ device: inout Accelerator, _ other: Accelerator) {
    if (device.model?.value.isEmpty ?? true) { device.model = other.model }
    device.catalogue.fill(other.catalogue)
    device.memoryBytes.fill(other.memoryBytes)
    device.usableBytes.fill(other.usableBytes)
    device.freeBytes.fill(other.freeBytes)
    device.bandwidth.fill(other.bandwidth)
    device.teraOperationsPerSecond.fill(other.teraOperationsPerSecond)
    device.address.fill(other.address)
    device.pciDevice.fill(other.pciDevice)
    device.architecture.fill(other.architecture)
    device.migEnabled.fill(other.migEnabled)
    device.partition.fill(other.partition)
    device.carvedBytes.fill(other.carvedBytes)
    device.numaNode.fill(other.numaNode)
    device.interconnect.fill(other.interconnect)
    device.pciSwitch.fill(other.pciSwitch)
    device.interconnectGigabytesPerSecond.fill(other.interconnectGigabytesPerSecond)
    device.interconnectDevices.fill(other.interconnectDevices)
    device.hostGigabytesPerSecond.fill(other.hostGigabytesPerSecond)
    device.watts.fill(other.watts)
    device.driver.fill(other.driver)
    device.sharesMemory.fill(other.sharesMemory)
  }

  private static func addLinks(_ machine: inout Machine, _ links: [Link], _ places: [Int: Int]) {
    func moved(_ end: String) -> String {
      guard let index = number(of: end), let place = places[index] else { return end }
      return "gpu\(place)"
    }
    for link in links.prefix(100_000) {
      var link = link
      link.a = moved(link.a)
      link.b = moved(link.b)
      let twin = machine.links.firstIndex {
        $0.kind == link.kind && (($0.a, $0.b) == (link.a, link.b) || ($0.a, $0.b) == (link.b, link.a))
      }
      if let twin {
        machine.links[twin].gigabytesPerSecond.fill(link.gigabytesPerSecond)
      } else {
        machine.links.append(link)
      }
    }
  }
}
