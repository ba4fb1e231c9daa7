import Engines
import Hardware
import Units

/// One memory on which the processors and some of the devices draw: whatever the limit of each, together they can have
/// no more than all of it.
public struct SharedPool: Sendable {
  /// The devices that share it with the host, by name.
  let devices: [String]
  let usable: ByteCount
  /// How the system lets a device take so much of it.
  private let raise: (@Sendable (ByteCount) -> String)?

  /// The pool of the devices in use; nil where all of them have memory of their own, or the host's is not known.
  init?(_ machine: Machine, devices used: [Int]) {
    let shared = used.filter {
      machine.accelerators.indices.contains($0) && machine.accelerators[$0].sharesMemory == true
    }
    guard let first = shared.first, let usable = machine.sharedBytes(with: shared) else { return nil }
    devices = shared.map { "gpu\($0)" }
    self.usable = usable
    raise = MakerCatalogue.current.facts(of: machine.accelerators[first].vendor.value).sharedMemoryRemedy
  }

  /// `gpu0 and the host`.
  var words: String { (devices + ["the host"]).joined(separator: " and ") }

  /// The upper end of what all that draw on it take; nil where only one does.
  func need(of estimate: MemoryEstimate) -> ByteCount? {
    let parts = estimate.devices.filter { $0.isHost || devices.contains($0.name) }
    return parts.count > 1 ? parts.reduce(.zero) { $0 + $1.highBytes } : nil
  }

  /// What to do where a device's own limit is too low though the memory itself would hold all; nil where it would not.
  func remedy(for device: DeviceMemory, of estimate: MemoryEstimate) -> String? {
    guard devices.contains(device.name), (need(of: estimate) ?? device.highBytes) <= usable else { return nil }
    return raise?(device.highBytes)
  }
}
