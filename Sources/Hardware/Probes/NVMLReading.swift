import Units

/// What NVIDIA's management library answered, as plain values; tests hand in recorded ones.
public struct NVMLReading: Hashable, Sendable {
  /// One end of an NVLink.
  public struct Link: Hashable, Sendable {
    /// The PCI address of the other end, where it is a GPU of this machine.
    public var remote: String?
    public var isSwitch: Bool
    /// The library's number for the link's version, which is no generation: 4 is NVLink 3.0, 6 is 4.0, 7 is 5.0.
    public var version: Int

    public init(remote: String?, isSwitch: Bool = false, version: Int) {
      self.remote = remote
      self.isSwitch = isSwitch
      self.version = version
    }
  }

  /// One card; an answer that the card does not give is nil.
  public struct Device: Hashable, Sendable {
    public var name: String?
    public var address: String?
    public var totalBytes: UInt64?
    public var reservedBytes: UInt64?
    public var freeBytes: UInt64?
    /// Percent of the last moments in which it computed.
    public var busyPercent: Int?
    public var capability: String?
    public var busWidthBits: Int?
    public var maximumMemoryMegahertz: Int?
    public var pcieGeneration: Int?
    public var pcieWidth: Int?
    public var milliwatts: Int?
    public var isMIG: Bool?
    /// Memory of each GPU instance, by its number.
    public var instances: [Int: UInt64] = [:]
    /// Compute slices of each GPU instance, of seven.
    public var slices: [Int: Int] = [:]
    public var links: [Link] = []

    public init() {}
  }

  public var driver: String?
  /// The code by which the library refused to begin, as in nvml.h; nil where it began.
  public var failure: Int?
  /// 13010 for CUDA 13.1.
  public var cuda: Int?
  public var devices: [Device]

  public init(driver: String? = nil, cuda: Int? = nil, devices: [Device], failure: Int? = nil) {
    self.failure = failure
    self.driver = driver
    self.cuda = cuda
    self.devices = devices
  }
}

/// Asks NVIDIA's management library; nil where there is none.
public protocol NvidiaManagement: Sendable {
  func reading() -> NVMLReading?
}

/// A machine without NVIDIA's library, or a recorded one.
public struct RecordedNvidia: NvidiaManagement {
  private let answer: NVMLReading?

  public init(_ answer: NVMLReading? = nil) { self.answer = answer }

  public func reading() -> NVMLReading? { answer }
}

/// Accelerators and links from what the library answered.
enum NVMLProbe {
  static func findings(_ reading: NVMLReading) -> Findings {
    let source = Source(.probed, "libnvidia-ml")
    var findings = Findings(.vendorTool)
    findings.machine.warnings += NvidiaTrouble.warnings(reading)
    var places: [String: Int] = [:]
    for device in reading.devices {
      let gpu = gpu(device, driver: reading.driver)
      if let address = gpu.address { places[address] = findings.machine.accelerators.count }
      findings.machine.accelerators += gpu.accelerators(source)
    }
    findings.machine.links = links(reading.devices, places, source)
    if let driver = reading.driver {
      findings.machine.software.append(SoftwareVersion("nvidia-driver", Figure(driver, source)))
    }
    if let cuda = reading.cuda, cuda > 0 {
      findings.machine.software.append(SoftwareVersion("cuda", Figure("\(cuda / 1000).\(cuda % 1000 / 10)", source)))
    }
    return findings
  }

  private static func gpu(_ device: NVMLReading.Device, driver: String?) -> NvidiaGPU {
    var gpu = NvidiaGPU()
    gpu.name = device.name
    gpu.address = device.address.flatMap { MachineText.pciAddress($0) }
    gpu.total = device.totalBytes.flatMap { ByteCount(exactly: $0) }
    gpu.reserved = device.reservedBytes.flatMap { ByteCount(exactly: $0) }
    gpu.free = device.freeBytes.flatMap { ByteCount(exactly: $0) }
    gpu.capability = device.capability
    gpu.pcieGeneration = device.pcieGeneration
    gpu.pcieWidth = device.pcieWidth
    gpu.watts = device.milliwatts.map { Double($0) / 1000 }
    gpu.isMIG = device.isMIG
    gpu.driver = driver
    gpu.busWidthBits = device.busWidthBits
    gpu.memoryMegahertz = device.maximumMemoryMegahertz.map { Double($0) }
    let rate = device.links.reduce(0) { $0 + linkRate($1.version) }
    if rate > 0 { gpu.nvlinkGigabytesPerSecond = rate }
    for (number, bytes) in device.instances.sorted(by: { $0.key < $1.key }) {
      guard let total = ByteCount(exactly: bytes) else { continue }
      gpu.instances.append(
        .init(number: "\(number)", profile: nil, total: total, free: nil, slices: device.slices[number]))
    }
    return gpu
  }

  /// One direction of one link in 10^9 bytes a second, by `nvmlNvLinkVersion_t` (nvml.h): 1 is NVLink 1.0, 2 and 3 are 2.0
  /// and 2.2, 4 and 5 are 3.0 and 3.1, 6 is 4.0, 7 is 5.0; the rates are those of NVIDIA's data sheets.
  private static func linkRate(_ version: Int) -> Double {
    switch version {
    case 1: 20
    case 2...6: 25
    case 7...: 50
    default: 0
    }
  }

  /// Pairs of GPUs with the sum of their links; a switch joins a GPU to all others.
  private static func links(_ devices: [NVMLReading.Device], _ places: [String: Int], _ source: Source) -> [Link] {
    var links: [Link] = []
    for device in devices {
      guard let from = device.address.flatMap({ MachineText.pciAddress($0) }).flatMap({ places[$0] }) else { continue }
      let toSwitch = device.links.filter(\.isSwitch)
      if !toSwitch.isEmpty {
        let rate = toSwitch.reduce(0) { $0 + linkRate($1.version) }
        links.append(Link(kind: .nvswitch, a: "gpu\(from)", b: "nvswitch", gigabytesPerSecond: Figure(rate, source)))
      }
      let peers = Dictionary(grouping: device.links.filter { !$0.isSwitch }) { link in
        link.remote.flatMap { MachineText.pciAddress($0) }.flatMap { places[$0] }
      }
      for (peer, own) in peers.sorted(by: { ($0.key ?? -1) < ($1.key ?? -1) }) {
        guard let peer, peer > from else { continue }
        let rate = own.reduce(0) { $0 + linkRate($1.version) }
        links.append(Link(kind: .nvlink, a: "gpu\(from)", b: "gpu\(peer)", gigabytesPerSecond: Figure(rate, source)))
      }
    }
    return links
  }
}
