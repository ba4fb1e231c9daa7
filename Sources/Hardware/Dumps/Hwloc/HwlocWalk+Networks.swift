import Units

extension HwlocWalk {
  /// The network cards: PCI devices with an interface; virtual functions of one card are one.
  func networks() -> [NetworkDevice] {
    var found: [NetworkDevice] = []
    for device in devices where !device.interfaces.isEmpty {
      var network = NetworkDevice(
        names: device.interfaces.map(\.name), isFabric: device.interfaces.contains(where: \.isFabric))
      network.model = MachineText.known(device.device.name).map { Figure($0, source) }
      network.address = Figure(device.device.address, source)
      network.numaNode = device.device.numaNode.map { Figure($0, source) }
      network.pciSwitch = device.device.pciSwitch.map { Figure($0, source) }
      found.append(network)
      if found.count >= 256 { break }
    }
    return found
  }
}
