import Units

/// One PCI device, as far as a list of them tells.
struct PCIDevice: Hashable {
  /// `0000:0c:00.0`.
  var address: String
  /// Class and subclass, such as 0x0302 for a 3D controller.
  var classCode: Int
  var vendor: Int
  var device: Int
  /// The product's name in the list's own words.
  var name: String?
  var numaNode: Int?
  /// The address of the PCIe switch that it hangs on; nil where it is on a port of the processor.
  var pciSwitch: String?

  /// Returns the switch nearest to a device among the bridges above it, outermost first.
  ///
  /// A port of the processor is one bridge; a switch is two more, its upstream port and the downstream port to the device.
  static func nearestSwitch(_ bridges: [String]) -> String? {
    bridges.count >= 3 ? bridges[bridges.count - 2] : nil
  }

  private enum Class {
    static let vga = 0x0300
    static let controller3D = 0x0302
    static let display = 0x0380
    static let coprocessor = 0x0b40
    static let accelerator = 0x1200
  }

  /// The accelerator that this device is; nil for all else, the display controllers of server boards among it.
  func accelerator(_ source: Source) -> Accelerator? {
    let isGPU = [Class.vga, Class.controller3D, Class.display].contains(classCode)
    let isAccelerator = classCode == Class.accelerator || classCode == Class.coprocessor
    guard isGPU || isAccelerator, let maker = MakerCatalogue.current.maker(pciVendor: vendor) else { return nil }
    let facts = maker.facts
    var found = Accelerator(vendor: Figure(maker, source))
    switch facts.use?(PCIProduct(device: device, isAccelerator: isAccelerator)) {
    case PCIUse.none?: return nil
    case .sharesMemory?: found.sharesMemory = true
    case .card?, nil: break
    }
    found.model = (name ?? facts.products[device]).map { Figure($0, source) }
    found.address = Figure(address, source)
    found.pciDevice = Figure("\(MachineText.hex(vendor, 4)):\(MachineText.hex(device, 4))", source)
    found.numaNode = numaNode.flatMap { $0 >= 0 ? Figure($0, source) : nil }
    found.pciSwitch = pciSwitch.map { Figure($0, source) }
    return found
  }

}
