/// The generations of hardware as data, one file for each maker, built into the program.
public enum ShippedGenerations {
  /// The text of each file.
  public static let files: [[UInt8]] = [
    PackageResources.nvidia_json, PackageResources.amd_json, PackageResources.intel_json, PackageResources.habana_json,
    PackageResources.apple_json, PackageResources.processors_json,
  ]
}
