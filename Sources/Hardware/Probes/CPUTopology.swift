import Platform
import Units

/// Packages, cores and threads of the CPUs that are online and allowed, from `/sys/devices/system/cpu`.
struct CPUTopology {
  /// One physical core and what tells its kind from others.
  struct Core: Hashable {
    var threads: CPUSet
    var package: Int
    /// Implementer and part of an Arm core, as 0xiiippp.
    var armPart: Int?
    /// Sizes of its own caches, which differ between P and E cores.
    var cacheSignature: String = ""
    /// The kernel's measure of its speed.
    var capacity: Int?
    /// The highest frequency, in MHz.
    var megahertz: Int?
  }

  var cores: [Core] = []
  /// Physical cores that are online, allowed or not.
  private(set) var onlineCores = 0
  var online: CPUSet
  var allowed: CPUSet

  var threads: CPUSet { CPUSet(cores.flatMap(\.threads.members)) }
  var packages: Int { Set(cores.map(\.package)).count }

  private static let folder = "/sys/devices/system/cpu"

  /// Reads the tree; nil where it has no CPU topology.
  ///
  /// - Parameter allowed: the CPUs of the container or the affinity mask; nil for all.
  init?(tree: any FileTree, allowed: CPUSet?) {
    let names = tree.list(Self.folder).compactMap { name -> Int? in
      name.hasPrefix("cpu") ? Int(name.dropFirst(3)) : nil
    }
    let present = names.sorted().prefix(16384).filter { cpu in
      tree.text("\(Self.folder)/cpu\(cpu)/online", limit: 16) != "0"
        && !tree.list("\(Self.folder)/cpu\(cpu)/topology").isEmpty
    }
    let listed = tree.text("\(Self.folder)/online").flatMap { CPUSet(list: $0) }
    var online = CPUSet(present)
    if let listed, !listed.isEmpty { online = online.intersection(listed) }
    self.online = online
    self.allowed = allowed.map { online.intersection($0) } ?? online
    guard !online.isEmpty else { return nil }
    readCores(tree)
  }

  private mutating func readCores(_ tree: any FileTree) {
    var seen = Set<Int>()
    for cpu in online.members where !seen.contains(cpu) {
      let place = "\(Self.folder)/cpu\(cpu)/topology"
      let siblings = Self.set(tree, place, ["core_cpus", "thread_siblings"])?.intersection(online) ?? CPUSet([cpu])
      let whole = Self.sameCore(tree, cpu, siblings.contains(cpu) ? siblings : CPUSet([cpu]))
      seen.formUnion(whole.members)
      onlineCores += 1
      let usable = whole.intersection(allowed)
      guard !usable.isEmpty else { continue }
      var core = Core(threads: usable, package: Self.package(tree, cpu, place))
      core.armPart = Self.midr(tree, cpu)
      core.capacity = tree.integer("\(Self.folder)/cpu\(cpu)/cpu_capacity")
      core.cacheSignature = CacheProbe.signature(tree, cpu)
      core.megahertz = tree.integer("\(Self.folder)/cpu\(cpu)/cpufreq/cpuinfo_max_freq").map { $0 / 1000 }
      cores.append(core)
    }
  }

  /// The siblings with the same core number: the two cores of a Bulldozer module are listed as siblings, and are none.
  private static func sameCore(_ tree: any FileTree, _ cpu: Int, _ siblings: CPUSet) -> CPUSet {
    func number(_ cpu: Int) -> Int? { tree.integer("\(folder)/cpu\(cpu)/topology/core_id") }
    guard siblings.count > 1, let own = number(cpu) else { return siblings }
    return CPUSet(siblings.members.filter { $0 == cpu || number($0) == own })
  }

  /// The number of the package; where the kernel has none (-1), the first CPU of those that share it.
  private static func package(_ tree: any FileTree, _ cpu: Int, _ place: String) -> Int {
    if let number = tree.integer("\(place)/physical_package_id"), number >= 0 {
      // s390 numbers sockets anew in each book and drawer.
      let book = tree.integer("\(place)/book_id") ?? 0
      let drawer = tree.integer("\(place)/drawer_id") ?? 0
      return (max(0, drawer) << 40) + (max(0, book) << 20) + number
    }
    return set(tree, place, ["package_cpus", "core_siblings"])?.first ?? 0
  }

  private static func set(_ tree: any FileTree, _ place: String, _ names: [String]) -> CPUSet? {
    for name in names {
      if let list = tree.text("\(place)/\(name)_list"), let set = CPUSet(list: list), !set.isEmpty { return set }
      if let mask = tree.text("\(place)/\(name)"), let set = CPUSet(mask: mask), !set.isEmpty { return set }
    }
    return nil
  }

  private static func midr(_ tree: any FileTree, _ cpu: Int) -> Int? {
    guard let text = tree.text("\(folder)/cpu\(cpu)/regs/identification/midr_el1", limit: 64),
      let value = MachineText.count(text)
    else { return nil }
    return ((value >> 24) & 0xff) << 12 | (value >> 4) & 0xfff
  }
}
