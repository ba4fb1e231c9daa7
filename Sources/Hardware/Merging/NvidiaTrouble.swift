import Units

/// Signs that NVIDIA's driver does not work as it should, each with what to do.
enum NvidiaTrouble {
  /// What the library's answers tell: a session that did not begin, a card without memory.
  static func warnings(_ reading: NVMLReading) -> [String] {
    if let code = reading.failure { return [sentence(code)].compactMap { $0 } }
    return reading.devices.enumerated().compactMap { index, device in
      device.totalBytes == 0 ? noMemory("\(device.name ?? "GPU \(index)")") : nil
    }
  }

  static func noMemory(_ name: String) -> String {
    "\(name) reports 0 bytes of memory: it has failed or fell off the bus; see `dmesg | grep -i xid`, then reset or reboot"
  }

  static func answersWithErrors(_ name: String) -> String {
    "the NVIDIA GPU \(name) answers with errors: it has failed or fell off the bus; see `dmesg | grep -i xid`, then reset or reboot"
  }

  /// Codes of nvml.h.
  private static func sentence(_ code: Int) -> String? {
    switch code {
    case 9: driverMissing
    case 15: lost
    case 18: mismatch
    // The library without a card to speak of: usual in containers and on build machines.
    case -1, 12: nil
    default: "NVIDIA's library does not start (NVML error \(code)): run nvidia-smi, which says why"
    }
  }

  private static let mismatch =
    "NVIDIA's driver and library are of different versions, so no GPU can be used: reboot, or unload and load the nvidia "
    + "module"
  private static let driverMissing =
    "NVIDIA's driver is not loaded, so no GPU can be used: `sudo modprobe nvidia`, or install the driver"
  private static let lost = "an NVIDIA GPU is lost (it fell off the bus): see `dmesg | grep -i xid`, then reboot"

  /// What `nvidia-smi` prints instead of a table; nil for any other text.
  static func warning(inText lines: [Substring]) -> String? {
    for line in lines.prefix(2000) {
      let lower = line.lowercased()
      if lower.contains("driver/library version mismatch") { return mismatch }
      if lower.contains("couldn't communicate with the nvidia driver") || lower.contains("driver not loaded") {
        return driverMissing
      }
      if lower.contains("gpu is lost") || lower.contains("unable to determine the device handle") { return lost }
      if lower.hasPrefix("no devices were found") {
        return "nvidia-smi found no device: the driver runs and sees no GPU; check `lspci -nn -d 10de:` and `dmesg`"
      }
    }
    return nil
  }

  /// Cards that a list of PCI devices has and the driver does not.
  ///
  /// - Parameter findings: what all sources told, before they are one.
  static func missing(_ findings: [Findings]) -> [String] {
    func cards(_ finding: Findings) -> [Accelerator] {
      finding.machine.accelerators.filter { $0.vendor.value == .nvidia && $0.address != nil }
    }
    let listed = findings.filter { $0.rank == .list }.map(cards).max { $0.count < $1.count } ?? []
    let tools = findings.filter { $0.rank == .vendorTool }
    let known = Set(tools.flatMap(cards).compactMap(\.address?.value))
    let unplaced = tools.flatMap(\.machine.accelerators).filter { $0.vendor.value == .nvidia && $0.address == nil }
    guard !known.isEmpty, unplaced.isEmpty else { return [] }
    let lost = listed.compactMap(\.address?.value).filter { !known.contains($0) }
    guard !lost.isEmpty else { return [] }
    return [
      "\(listed.count) NVIDIA GPUs are on the bus and the driver answers for \(known.count): "
        + "\(lost.joined(separator: ", ")) \(lost.count == 1 ? "is" : "are") lost or passed to a guest; see `dmesg | grep -i xid`"
    ]
  }
}
