public import Platform
public import Units

/// How much of an accelerator is in use at a moment; what it does not say is nil.
public struct AcceleratorActivity: Hashable, Sendable {
  public var usedBytes: ByteCount?
  /// The share of the last moments in which it computed, 0 to 1.
  public var utilization: Double?

  public init(usedBytes: ByteCount? = nil, utilization: Double? = nil) {
    self.usedBytes = usedBytes
    self.utilization = utilization
  }
}

/// Reads again and again how much of a machine's accelerators is in use.
///
/// NVIDIA's library and amdgpu tell; other drivers tell it to nobody but their own tools.
public struct AcceleratorWatch: Sendable {
  private let tree: any FileTree
  private let nvidia: @Sendable () -> [NVMLReading.Device]

  /// Opens NVIDIA's library where there is one.
  public init() {
    let meter = NVMLMeter()
    self.init(tree: DiskTree()) { meter?.devices() ?? [] }
  }

  /// - Parameter nvidia: what NVIDIA's library says of each card.
  public init(tree: any FileTree, nvidia: @escaping @Sendable () -> [NVMLReading.Device]) {
    self.tree = tree
    self.nvidia = nvidia
  }

  /// Returns what each of the machine's accelerators says, in their order; a part of a card says nothing for itself.
  public func reading(of accelerators: [Accelerator]) -> [AcceleratorActivity] {
    guard !accelerators.isEmpty else { return [] }
    let cards = accelerators.contains { $0.vendor.value == .nvidia } ? nvidia() : []
    return accelerators.map { accelerator in
      guard accelerator.partition == nil, let address = accelerator.address?.value else { return AcceleratorActivity() }
      if let card = cards.first(where: { $0.address.flatMap { MachineText.pciAddress($0) } == address }) {
        return AcceleratorActivity(card)
      }
      return AcceleratorActivity(
        usedBytes: tree.integer("\(Self.folder)/\(address)/mem_info_vram_used").flatMap {
          $0 < 0 ? nil : ByteCount($0)
        },
        utilization: tree.integer("\(Self.folder)/\(address)/gpu_busy_percent").flatMap(Self.share))
    }
  }

  private static let folder = "/sys/bus/pci/devices"

  fileprivate static func share(_ percent: Int) -> Double? { (0...100).contains(percent) ? Double(percent) / 100 : nil }
}

extension AcceleratorActivity {
  fileprivate init(_ card: NVMLReading.Device) {
    if let total = card.totalBytes, let free = card.freeBytes,
      case let taken = free.addingReportingOverflow(card.reservedBytes ?? 0),
      !taken.overflow, taken.partialValue <= total
    {
      usedBytes = ByteCount(exactly: total - taken.partialValue)
    }
    utilization = card.busyPercent.flatMap(AcceleratorWatch.share)
  }
}
