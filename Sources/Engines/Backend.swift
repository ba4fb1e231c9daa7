/// What computes: the interface that an engine's kernels are written for. Names are keys of fitted constants.
public enum Backend: String, Hashable, Sendable, Codable, CaseIterable {
  case cpu, cuda, rocm, vulkan, metal
  /// MLX's own kernels.
  case mlx
  /// oneAPI: Intel's kernels for its own GPUs.
  case sycl
  case openVINO = "openvino"
  /// Vulkan on Metal.
  case moltenVK = "moltenvk"
}

extension Backend: CustomStringConvertible {
  public var description: String { rawValue }
}
