import ArgumentParser
import Engines
import Planning
import Profiles
import Units

/// The workloads that commands take by name.
enum WorkloadOption {
  static let names = ["chat", "retrieval", "code-completion", "summarization", "batch"]
  static let kinds = "Lengths and targets of a kind of use: \(names.joined(separator: ", "))."

  /// The workload of a name, else one stream.
  static func named(_ name: String?, _ profiles: Profiles) throws -> Workload {
    try name.map { try profile(named: $0, profiles).workload } ?? Workload()
  }

  static func profile(named name: String, _ profiles: Profiles) throws -> WorkloadProfile {
    let all = try profiles.workloads()
    guard let profile = all.first(where: { $0.name == name }) else {
      throw ValidationError(
        "no workload is called \(printable(name)); there are \(all.map(\.name).joined(separator: ", "))")
    }
    return profile
  }
}
