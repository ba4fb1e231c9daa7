import Platform
import Units

/// The limits of the container that a process runs in: control groups of version 1, 2, and both at once.
///
/// Each limit is the smallest over the group and all of its ancestors that can be seen.
struct ContainerProbe {
  struct Limits: Hashable {
    var memory: Figure<ByteCount>?
    /// What the group uses and can't give back; page cache is not part of it.
    var memoryUsed: Figure<ByteCount>?
    var cpus: Figure<Double>?
    var allowed: CPUSet?
    /// Memory nodes that the group may use; nil for all.
    var allowedNodes: CPUSet?
    var nodesSource: Source?
  }

  private let tree: any FileTree
  private var mounts: [Mount] = []
  /// Controller name to the group's path; the empty name is version 2.
  private var groups: [String: String] = [:]

  private struct Mount {
    var root: String
    var place: String
    /// Empty for version 2.
    var controllers: [String]
  }

  init(tree: any FileTree) {
    self.tree = tree
    readGroups()
    readMounts()
  }

  func limits() -> Limits {
    var limits = Limits()
    for folder in folders("") {
      lowerMemory(&limits, folder, maximum: "memory.max", current: "memory.current")
      lower(&limits.cpus, cpuQuotaV2(folder), folder + "/cpu.max")
      narrow(&limits.allowed, ["cpuset.cpus.effective"], folder)
      narrowNodes(&limits, ["cpuset.mems.effective"], folder)
    }
    for folder in folders("memory") {
      lowerMemory(&limits, folder, maximum: "memory.limit_in_bytes", current: "memory.usage_in_bytes")
    }
    for folder in folders("cpu") { lower(&limits.cpus, cpuQuotaV1(folder), folder + "/cpu.cfs_quota_us") }
    for folder in folders("cpuset") {
      narrow(&limits.allowed, ["cpuset.effective_cpus", "cpuset.cpus", "cpus"], folder)
      narrowNodes(&limits, ["cpuset.effective_mems", "cpuset.mems", "mems"], folder)
    }
    return limits
  }

  private func lower(_ limit: inout Figure<Double>?, _ value: Double?, _ file: String) {
    guard let value, value < limit?.value ?? .infinity else { return }
    limit = Figure(value, .probed, file)
  }

  private func narrow(_ allowed: inout CPUSet?, _ names: [String], _ folder: String) {
    for name in names {
      guard let set = tree.text("\(folder)/\(name)").flatMap({ CPUSet(list: $0) }), !set.isEmpty else { continue }
      allowed = allowed.map { $0.intersection(set) } ?? set
      return
    }
  }

  private func narrowNodes(_ limits: inout Limits, _ names: [String], _ folder: String) {
    for name in names {
      guard let set = tree.text("\(folder)/\(name)").flatMap({ CPUSet(list: $0) }), !set.isEmpty else { continue }
      limits.allowedNodes = limits.allowedNodes?.intersection(set) ?? set
      limits.nodesSource = Source(.probed, "\(folder)/\(name)")
      return
    }
  }

  private func lowerMemory(_ limits: inout Limits, _ folder: String, maximum: String, current: String) {
    let file = "\(folder)/\(maximum)"
    // Version 1 writes "no limit" as the greatest multiple of the page size: 2^63 less one page.
    guard let text = tree.text(file, limit: 64), let limit = Int(text), limit > 0, limit < 1 << 60,
      limit < limits.memory?.value.bytes ?? .max
    else { return }
    limits.memory = Figure(ByteCount(limit), .probed, file)
    guard let used = tree.integer("\(folder)/\(current)") else { return }
    let statistics = (tree.text("\(folder)/memory.stat") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
    func amount(_ names: Set<String>) -> Int {
      statistics.filter { $0.count == 2 && names.contains(String($0[0])) }.compactMap { Int($0[1]) }.max() ?? 0
    }
    let cache = amount(["inactive_file", "total_inactive_file"]) + amount(["active_file", "total_active_file"])
    limits.memoryUsed = Figure(ByteCount(used - cache), .computed, "\(folder)/\(current) less its file cache")
  }

  /// `cpu.max` holds the quota and the period; the period alone may be missing, then it is 100 ms.
  private func cpuQuotaV2(_ folder: String) -> Double? {
    guard let text = tree.text("\(folder)/cpu.max", limit: 256) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard (1...2).contains(words.count), let quota = Int(words[0]), quota > 0,
      let period = words.count == 2 ? Int(words[1]) : 100_000, period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }

  private func cpuQuotaV1(_ folder: String) -> Double? {
    guard let quota = tree.integer("\(folder)/cpu.cfs_quota_us"), quota > 0,
      let period = tree.integer("\(folder)/cpu.cfs_period_us"), period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }

  private mutating func readGroups() {
    for line in (tree.text("/proc/self/cgroup") ?? "").split(separator: "\n").prefix(64) {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, Int(fields[0]) != nil, fields[2].hasPrefix("/") else { continue }
      if fields[1].isEmpty {
        if fields[0] == "0" { groups[""] = String(fields[2]) }
        continue
      }
      for controller in fields[1].split(separator: ",") { groups[String(controller)] = String(fields[2]) }
    }
    // Kernels before 2.6.24 and trimmed dumps have only the cpuset's path.
    if let cpuset = tree.text("/proc/self/cpuset"), cpuset.hasPrefix("/"), cpuset != "/" {
      if groups["cpuset"] == nil { groups["cpuset"] = cpuset }
      if groups[""] == nil { groups[""] = cpuset }
    }
  }

  private mutating func readMounts() {
    let lines = (tree.text("/proc/self/mountinfo", limit: 4 << 20) ?? "").split(separator: "\n").prefix(4096)
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
      let options = dash + 3 < words.count ? words[dash + 3] : ""
      addMount(kind: words[dash + 1], root: String(words[3]), place: String(words[4]), options: options)
    }
    if mounts.isEmpty {
      let text = tree.text("/proc/self/mounts", limit: 4 << 20) ?? tree.text("/proc/mounts", limit: 4 << 20) ?? ""
      for line in text.split(separator: "\n").prefix(4096) {
        let words = line.split(separator: " ")
        guard words.count > 3 else { continue }
        addMount(kind: words[2], root: "/", place: String(words[1]), options: words[3])
      }
    }
    if mounts.isEmpty { assumeUsualMounts() }
  }

  private mutating func addMount(kind: Substring, root: String, place: String, options: Substring) {
    guard mounts.count < 256, place.hasPrefix("/") else { return }
    if kind == "cgroup2" { mounts.append(Mount(root: root, place: place, controllers: [])) }
    let names = options.split(separator: ",").map { String($0) }
    if kind == "cgroup" { mounts.append(Mount(root: root, place: place, controllers: names)) }
    if kind == "cpuset" { mounts.append(Mount(root: root, place: place, controllers: ["cpuset"])) }
  }

  /// A tree without a list of mounts: the places that every distribution uses.
  private mutating func assumeUsualMounts() {
    let base = "/sys/fs/cgroup"
    for name in tree.list(base).prefix(64) {
      let controllers = name.split(separator: ",").map { String($0) }
      let known: Set = ["cpu", "cpuacct", "cpuset", "memory", "unified"]
      guard controllers.contains(where: { known.contains($0) }) else { continue }
      let isUnified = name == "unified"
      mounts.append(Mount(root: "/", place: "\(base)/\(name)", controllers: isUnified ? [] : controllers))
    }
    mounts.append(Mount(root: "/", place: base, controllers: []))
  }

  /// Returns the group's folder and its ancestors' up to the mount, for one controller; empty for version 2.
  private func folders(_ controller: String) -> [String] {
    guard let group = groups[controller] else { return [] }
    return mounts.filter { controller.isEmpty ? $0.controllers.isEmpty : $0.controllers.contains(controller) }
      .flatMap { mount in folders(below: mount, group: group) }
  }

  private func folders(below mount: Mount, group: String) -> [String] {
    // Inside a namespace the group is "/" or "/../..", and the mount's root is the container's own group.
    var rest = group.split(separator: "/").filter { $0 != ".." }
    let root = mount.root.split(separator: "/")
    if !root.isEmpty, rest.starts(with: root) { rest.removeFirst(root.count) } else if !root.isEmpty { rest = [] }
    return (0...min(rest.count, 64)).reversed().map { count in
      rest.prefix(count).reduce(mount.place) { "\($0)/\($1)" }
    }
  }
}
