/// The environment by which drivers hide every device but the planned ones.
public struct DeviceSelection: Hashable, Sendable {
  /// The variables that name the devices by their numbers.
  public static let variables = [
    "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "HABANA_VISIBLE_MODULES",
  ]

  let environment: [String: String]

  init(_ request: LaunchRequest) {
    let indices = (request.deviceOrdinals ?? request.placement.devices).map { "\($0)" }.joined(separator: ",")
    guard !indices.isEmpty else {
      environment = [:]
      return
    }
    switch request.deviceVendor?.lowercased() {
    case "nvidia":
      // The order of nvidia-smi and of the plan, not CUDA's own "fastest first".
      environment = ["CUDA_VISIBLE_DEVICES": indices, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"]
    case "amd": environment = ["ROCR_VISIBLE_DEVICES": indices]
    case "intel": environment = ["ZE_AFFINITY_MASK": indices]
    case "habana": environment = ["HABANA_VISIBLE_MODULES": indices]
    default: environment = [:]
    }
  }
}

/// The wrapper that keeps a server's threads and memory where the plan put them.
enum NUMABinding {
  static func wrapper(_ node: Int?) -> LaunchFlag? {
    node.map {
      LaunchFlag(
        "numactl", "--cpunodebind=\($0)", "--membind=\($0)", reason: "threads and memory on node \($0), as planned")
    }
  }

  static func wrapper(_ placement: Placement) -> LaunchFlag? {
    if placement.interleave == true {
      return LaunchFlag(
        "numactl", "--interleave=all", reason: "one server on all nodes: its pages are spread over their memories")
    }
    return wrapper(placement.numaNode)
  }
}

extension Placement {
  /// The words before a server's command that keep it in its place, such as `numactl --membind=0`; nil where it needs none.
  public var binding: String? { NUMABinding.wrapper(self)?.words.joined(separator: " ") }
}
