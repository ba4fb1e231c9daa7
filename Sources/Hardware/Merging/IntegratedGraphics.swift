import Units

/// Tells the graphics of processors from cards, whichever tool listed them, and what memory they may use.
enum IntegratedGraphics {
  /// Removes graphics that cannot compute and settles the memory of those that can.
  static func settle(_ machine: inout Machine) {
    removeDisplays(&machine)
    for index in machine.accelerators.indices {
      let device = machine.accelerators[index]
      if let name = device.architecture?.value, AMDArchitecture.sharesMemory(name) {
        machine.accelerators[index].sharesMemory = true
      }
      if machine.accelerators[index].sharesMemory == true { settleMemory(index, &machine) }
    }
  }

  /// A desktop processor's two units are for a picture; as a list of PCI devices leaves them out, so does every other.
  private static func removeDisplays(_ machine: inout Machine) {
    let removed = Set(
      machine.accelerators.indices.filter { index in
        machine.accelerators[index].architecture.map { AMDArchitecture.isDisplayOnly($0.value) } ?? false
      })
    guard !removed.isEmpty else { return }
    var places: [String: String] = [:]
    var next = 0
    for index in machine.accelerators.indices where !removed.contains(index) {
      places["gpu\(index)"] = "gpu\(next)"
      next += 1
    }
    machine.accelerators = machine.accelerators.enumerated().filter { !removed.contains($0.offset) }.map(\.element)
    machine.links = machine.links.compactMap { link in
      func moved(_ end: String) -> String? { end.hasPrefix("gpu") ? places[end] : end }
      guard let a = moved(link.a), let b = moved(link.b) else { return nil }
      var link = link
      (link.a, link.b) = (a, b)
      return link
    }
  }

  /// What firmware set apart is the device's whatever the system has left; a rate worked out as a card's is wrong for memory whose rate the modules tell.
  private static func settleMemory(_ index: Int, _ machine: inout Machine) {
    let device = machine.accelerators[index]
    if device.bandwidth?.source.kind == .computed { machine.accelerators[index].bandwidth = nil }
    // More than the system has for itself cannot be the system's: firmware set it apart.
    if device.usableBytes == nil, let own = device.memoryBytes, let total = machine.memory.totalBytes,
      own.value > total.value
    {
      machine.accelerators[index].carvedBytes = own
      machine.accelerators[index].usableBytes = own
    }
  }
}
