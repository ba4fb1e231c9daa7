public import Platform

/// What must stay as it is while a machine is measured: settings of its processors, and which server answers.
///
/// Taken before and after a run; a difference makes the figures a mixture of two machines.
public struct EnvironmentMark: Hashable, Sendable, Codable {
  /// Facts by name, as the kernel writes them; what a machine does not show is left out.
  public var facts: [String: String]

  /// Reads the facts of this machine and when each of the server's processes began.
  public init(tree: any FileTree = DiskTree(), processes: [Int32] = []) {
    let processors = "/sys/devices/system/cpu"
    let files = [
      "start of the system": "/proc/sys/kernel/random/boot_id",
      "processors online": "\(processors)/online",
      "frequency governor": "\(processors)/cpu0/cpufreq/scaling_governor",
      "highest frequency": "\(processors)/cpu0/cpufreq/scaling_max_freq",
      "turbo switched off": "\(processors)/intel_pstate/no_turbo",
      "boost": "\(processors)/cpufreq/boost",
      "simultaneous threads": "\(processors)/smt/control",
      "power profile": "/sys/firmware/acpi/platform_profile",
      "limit of processor time": "/sys/fs/cgroup/cpu.max",
      "limit of memory": "/sys/fs/cgroup/memory.max",
    ]
    facts = files.compactMapValues { tree.text($0, limit: 256) }
    for process in processes { facts["server process \(process)"] = Self.start(of: process, tree) ?? "gone" }
  }

  /// The moment at which a process began, in the kernel's ticks: a number that is used again has another.
  private static func start(of process: Int32, _ tree: any FileTree) -> String? {
    guard let text = tree.text("/proc/\(process)/stat", limit: 4096), let end = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? "began at \(fields[19])" : nil
  }

  /// Returns what is another afterwards, as sentences; empty where nothing changed.
  ///
  /// What could be read only once is unknown, and no change.
  public func changes(until after: EnvironmentMark) -> [String] {
    facts.sorted { $0.key < $1.key }.compactMap { name, old in
      guard let new = after.facts[name], new != old else { return nil }
      return "\(name) was \(old) and is \(new)"
    }
  }
}
