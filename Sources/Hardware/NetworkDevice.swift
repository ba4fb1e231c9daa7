public import Units

/// A network card, by which machines are joined and clients come in.
public struct NetworkDevice: Hashable, Sendable, Codable {
  /// Its interfaces' names, such as `eth0` and `mlx5_0`.
  public var names: [String]
  public var model: Figure<String>?
  /// PCI domain:bus:device.function, lower case.
  public var address: Figure<String>?
  public var numaNode: Figure<Int>?
  /// The PCIe switch that it shares with others, as an accelerator's.
  public var pciSwitch: Figure<String>?
  /// One direction, 10^9 bytes a second, as its link runs now.
  public var gigabytesPerSecond: Figure<Double>?
  /// True where it speaks InfiniBand or RoCE.
  public var isFabric: Bool

  public init(names: [String], isFabric: Bool = false) {
    self.names = names
    self.isFabric = isFabric
  }
}
