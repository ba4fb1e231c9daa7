import Hardware

/// The environment by which drivers hide every device but the planned ones.
public struct DeviceSelection: Hashable, Sendable {
  /// The variables that name the devices by their numbers.
  public static var variables: [String] {
    MakerCatalogue.current.all.compactMap { $0.visibility?.variable }
  }

  /// Those that say what the numbers mean.
  public static var fixedVariables: [String] {
    MakerCatalogue.current.all.compactMap(\.visibility).flatMap(\.fixed.keys)
  }

  /// The variables with their values; none where no device is planned.
  public let environment: [String: String]

  public init(_ request: LaunchRequest) {
    let devices = request.deviceOrdinals ?? request.placement.devices
    environment =
      devices.isEmpty ? [:] : request.deviceVendor?.facts.visibility?.environment(devices) ?? [:]
  }
}

/// The wrapper that keeps a server's threads and memory where the plan put them.
public enum NUMABinding {
  /// Returns the words for one node; nil where there is none.
  public static func wrapper(_ node: Int?) -> LaunchFlag? {
    node.map {
      LaunchFlag(
        "numactl", "--cpunodebind=\($0)", "--membind=\($0)", reason: "threads and memory on node \($0), as planned")
    }
  }

  /// Returns the words for a planned place; nil where it needs none.
  public static func wrapper(_ placement: Placement) -> LaunchFlag? {
    if placement.interleave == true {
      return LaunchFlag(
        "numactl", "--interleave=all", reason: "one server on all nodes, with its memory spread over them")
    }
    return wrapper(placement.numaNode)
  }
}

extension Placement {
  /// The words before a server's command that keep it in its place, such as `numactl --membind=0`; nil where it needs none.
  public var binding: String? { NUMABinding.wrapper(self)?.words.joined(separator: " ") }
}
