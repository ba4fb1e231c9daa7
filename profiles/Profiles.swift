import Foundation

/// The data that ships with Plimsoll: machines, accelerators, processors, workloads, efficiencies.
public struct Profiles: Sendable {
  /// The folder that holds `machines/`, `accelerators/` and so on.
  public let root: String

  /// Opens the shipped data, or another folder of the same form.
  public init(root: String? = nil) {
    self.root = root ?? Bundle.module.resourcePath ?? "profiles"
  }
}
