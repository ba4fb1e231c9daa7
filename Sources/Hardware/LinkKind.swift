/// What joins two parts of a machine.
public enum LinkKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// NVIDIA's link, from device to device.
  case nvlink
  /// NVIDIA's link, to a switch that joins all devices.
  case nvswitch
  /// AMD's link (Infinity Fabric).
  case xgmi
  /// Intel's link between its data-center GPUs.
  case xelink
  /// Habana's links, Ethernet with remote memory access.
  case roce
  /// Through the host.
  case pcie

  /// True for links made for devices that share one model's layers.
  public var isScaleUp: Bool { self != .pcie }

  /// Reads the name in any case.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let kind = LinkKind(rawValue: name.lowercased()) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(name) is not a kind of link; the kinds are \(known)")
    }
    self = kind
  }
}

extension LinkKind: CustomStringConvertible {
  public var description: String { rawValue }
}
