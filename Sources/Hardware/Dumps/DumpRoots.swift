import Platform

/// Finds the places in a dumped tree that hold something of a known form.
struct DumpRoots {
  enum Kind: String {
    case linux = "Linux file tree"
    case kfd = "KFD topology"
    case cpuid = "cpuid dump"
    case edac = "EDAC tree"

    /// What belongs to a root of this kind, below its own folder.
    var folders: [String] {
      switch self {
      case .linux: ["/sys", "/proc", "/etc", "/dev"]
      case .kfd: ["/nodes"]
      case .cpuid, .edac: [""]
      }
    }
  }

  var kind: Kind
  /// Where it is, empty for the tree's own root.
  var path: String

  /// The most folders that are looked into; a dump's roots are near its top.
  private static let maximumFolders = 4096
  private static let maximumDepth = 8

  /// Returns the roots, nearest first; below a Linux tree nothing else is looked for.
  static func find(in tree: any FileTree) -> [DumpRoots] {
    var roots: [DumpRoots] = []
    var waiting = [(path: "", depth: 0)]
    var seen = 0
    while let folder = waiting.first, seen < maximumFolders {
      waiting.removeFirst()
      seen += 1
      let names = tree.list(folder.path.isEmpty ? "/" : folder.path)
      if let kind = kind(of: folder.path, names, tree) {
        roots.append(DumpRoots(kind: kind, path: folder.path))
        continue
      }
      guard folder.depth < maximumDepth else { continue }
      for name in names.prefix(512) {
        let path = "\(folder.path)/\(name)"
        // Links may loop; a dump's own content is not behind them.
        if tree.link(path) == nil { waiting.append((path, folder.depth + 1)) }
      }
    }
    return roots
  }

  private static func kind(of path: String, _ names: [String], _ tree: any FileTree) -> Kind? {
    let has = Set(names)
    if has.contains("sys") || has.contains("proc") {
      let known = ["/sys/devices", "/sys/class", "/sys/fs", "/sys/bus", "/proc/self"]
      if known.contains(where: { !tree.list(path + $0).isEmpty }) { return .linux }
      if ["/proc/cpuinfo", "/proc/meminfo"].contains(where: { tree.read(path + $0, limit: 16) != nil }) {
        return .linux
      }
    }
    if has.contains("nodes"), tree.read("\(path)/nodes/0/properties", limit: 16) != nil { return .kfd }
    if has.contains("pu0"), CPUIDDump.isCPUID(tree, path) { return .cpuid }
    if has.contains("mc"),
      tree.list("\(path)/mc").contains(where: { $0.hasPrefix("mc") && Int($0.dropFirst(2)) != nil })
    {
      return .edac
    }
    return nil
  }

  /// Returns the regular files of a folder, a few levels deep, without those of the roots.
  static func files(in tree: any FileTree, outside roots: [DumpRoots] = []) -> [String] {
    let known = Set(roots.flatMap { root in root.kind.folders.map { "\(root.path)\($0)" } })
    var files: [String] = []
    var waiting = [("", 0)]
    while let (path, depth) = waiting.popLast(), files.count < 256 {
      for name in tree.list(path.isEmpty ? "/" : path).prefix(256) {
        let place = "\(path)/\(name)"
        guard tree.link(place) == nil, !known.contains(place) else { continue }
        if depth < 4, !tree.list(place).isEmpty { waiting.append((place, depth + 1)) } else { files.append(place) }
      }
    }
    return files.sorted()
  }

  /// Reads what is there.
  func findings(_ tree: any FileTree) -> [Findings] {
    switch kind {
    case .linux: return Self.linux(SubTree(tree: tree, root: path))
    case .kfd: return [KFDProbe(tree: SubTree(tree: tree, root: path), folder: "").findings()].filter { !$0.isEmpty }
    case .cpuid: return [CPUIDDump.read(tree, path)].compactMap { $0 }
    case .edac:
      var findings = Findings(.firmware)
      let place = path
      findings.modules = MemoryProbe(tree: EDACTree(tree: tree, root: place)).modules()
      return findings.isEmpty ? [] : [findings]
    }
  }

  /// Everything that a Linux tree holds: processor and memory, PCI devices, AMD's topology.
  static func linux(_ tree: any FileTree, affinity: CPUSet? = nil, isLimited: Bool = true) -> [Findings] {
    let parts = [
      TreeProbe(tree: tree, affinity: affinity, isLimited: isLimited).findings(), KFDProbe(tree: tree).findings(),
      PCIProbe(tree: tree).findings(),
    ]
    return parts.filter { !$0.isEmpty }
  }

  /// A dumped `edac` folder in the place where the probe looks for it.
  private struct EDACTree: FileTree {
    let tree: any FileTree
    let root: String

    func read(_ path: String, limit: Int) -> [UInt8]? { inside(path).flatMap { tree.read($0, limit: limit) } }
    func list(_ path: String) -> [String] { inside(path).map { tree.list($0) } ?? [] }
    func link(_ path: String) -> String? { inside(path).flatMap { tree.link($0) } }

    private func inside(_ path: String) -> String? {
      let place = "/sys/devices/system/edac"
      return path.hasPrefix(place) ? root + path.dropFirst(place.count) : nil
    }
  }
}
