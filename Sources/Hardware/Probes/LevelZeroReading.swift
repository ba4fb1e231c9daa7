import Units

/// What Intel's Level Zero system management answered, as plain values; tests hand in recorded ones.
public struct LevelZeroReading: Hashable, Sendable {
  /// One card; a card of two tiles is one device here.
  public struct Device: Hashable, Sendable {
    public var name: String?
    /// PCI domain, bus, device and function.
    public var address: String?
    /// Memory on the card, all of its modules together; nil where it uses the machine's.
    public var totalBytes: UInt64?
    public var freeBytes: UInt64?
    /// One direction of its PCIe link, bytes a second.
    public var hostBytesPerSecond: Int64?
    public var driver: String?

    public init() {}
  }

  public var devices: [Device]

  public init(devices: [Device]) { self.devices = devices }
}

/// Asks Intel's Level Zero; nil where there is no such library.
public protocol IntelManagement: Sendable {
  func reading() -> LevelZeroReading?
}

/// A machine without Intel's library, or a recorded one.
public struct RecordedIntel: IntelManagement {
  private let answer: LevelZeroReading?

  public init(_ answer: LevelZeroReading? = nil) { self.answer = answer }

  public func reading() -> LevelZeroReading? { answer }
}

/// Accelerators from what the library answered.
enum LevelZeroProbe {
  static func findings(_ reading: LevelZeroReading) -> Findings {
    let source = Source(.probed, "libze_loader (sysman)")
    var findings = Findings(.vendorTool)
    for device in reading.devices {
      var found = Accelerator(vendor: Figure(.intel, source), model: device.name.map { Figure($0, source) })
      found.address = device.address.flatMap { MachineText.pciAddress($0) }.map { Figure($0, source) }
      found.memoryBytes = device.totalBytes.flatMap { ByteCount(exactly: $0) }.map { Figure($0, source) }
      found.usableBytes = found.memoryBytes
      found.freeBytes = device.freeBytes.flatMap { ByteCount(exactly: $0) }.map { Figure($0, source) }
      if found.memoryBytes == nil { found.sharesMemory = true }
      if let rate = device.hostBytesPerSecond, rate > 0 {
        found.hostGigabytesPerSecond = Figure(Double(rate) / 1e9, source)
      }
      found.driver = device.driver.map { Figure($0, source) }
      findings.machine.accelerators.append(found)
    }
    return findings
  }
}
