public import Platform
import Units

/// The kernel's files as this program reads them, beside libhwloc's view of the same machine.
public struct TopologyComparison: Hashable, Sendable, Codable {
  public struct Row: Hashable, Sendable, Codable {
    public var fact: String
    /// What the files tell by this program's own reader.
    public var files: String
    public var hwloc: String
    /// Why they differ; nil where they agree, or where no reason is known.
    public var reason: String?

    public var agrees: Bool { files == hwloc }
  }

  public var schema = "plimsoll.topology-comparison/1"
  public var rows: [Row]

  /// Rows on which the two differ.
  public var differences: [Row] { rows.filter { !$0.agrees } }

  /// Compares the two on this machine; nil where libhwloc finds no topology.
  public static func live() -> TopologyComparison? {
    guard let topology = LiveTopology(devices: true), topology.isThisMachine, let xml = topology.xml() else {
      return nil
    }
    return TopologyComparison(tree: DiskTree(), xml: xml)
  }

  /// Compares the files of a recorded machine with what libhwloc wrote when it read the same files.
  ///
  /// - Parameters:
  ///   - tree: the recorded `/sys` and `/proc`.
  ///   - xml: hwloc XML, such as `plimsoll probe --xml FILE` writes with `HWLOC_FSROOT` set.
  public init?(tree: any FileTree, xml: [UInt8]) {
    guard let root = try? XMLReader.read(xml), let machine = root.child("object") else { return nil }
    var walk = HwlocWalk(source: Source(.probed, "libhwloc"))
    walk.visit(machine)
    self.init(files: TreeProbe(tree: tree).findings().machine, hwloc: walk.findings(machine, root).machine)
  }

  private init(files: Machine, hwloc: Machine) {
    func row(_ fact: String, _ text: (Machine) -> String?) -> Row? {
      let (one, other) = (text(files), text(hwloc))
      guard one != nil || other != nil else { return nil }
      return Row(fact: fact, files: one ?? "not told", hwloc: other ?? "not told")
    }
    let cpu: [(String, (Processor) -> Int?)] = [
      ("packages", { $0.packages?.value }), ("cores", { $0.cores?.value }), ("threads", { $0.threads?.value }),
    ]
    var rows = cpu.compactMap { fact, count in row(fact) { count($0.cpu).map { "\($0)" } } }
    let levels = Set((files.cpu.caches ?? []) + (hwloc.cpu.caches ?? [])).map { "L\($0.level) \($0.type)" }
    for level in Set(levels).sorted() {
      rows += [row(level) { Self.caches($0, level) }].compactMap { $0 }
    }
    rows += [
      row("kinds of cores") { machine in
        machine.cpu.kinds.map { $0.map { "\($0.cores?.value ?? 0) \($0.name)" }.joined(separator: ", ") }
      },
      row("nodes") { $0.numaNodes.isEmpty ? nil : CPUSet($0.numaNodes.map(\.id)).list },
      row("memory of nodes") { Self.memory($0) },
      row("CPUs of nodes") { machine in
        let all = machine.numaNodes.compactMap { node in node.cpus.map { "\(node.id): \($0.value)" } }
        return all.isEmpty ? nil : all.joined(separator: "; ")
      },
      row("distances") { machine in
        guard machine.numaNodes.count > 1 else { return nil }
        let all = machine.numaNodes.compactMap { $0.distances.map { "\($0.value)" } }
        return all.isEmpty ? nil : all.joined(separator: " ")
      },
    ].compactMap { $0 }
    for index in rows.indices where !rows[index].agrees {
      rows[index].reason = TopologyDifference.reason(rows[index], files, hwloc)?.sentence
    }
    self.rows = rows
  }

  private static func caches(_ machine: Machine, _ level: String) -> String? {
    let all = (machine.cpu.caches ?? []).filter { "L\($0.level) \($0.type)" == level }
    return all.isEmpty ? nil : all.map { "\($0.count.value) x \($0.bytes.value)" }.joined(separator: ", ")
  }

  private static func memory(_ machine: Machine) -> String? {
    let all = machine.numaNodes.compactMap { node in
      // hwloc rounds to pages; what differs by less than one of the largest is the same.
      node.memoryBytes.map { "\(node.id): \($0.value)" }
    }
    return all.isEmpty ? nil : all.joined(separator: ", ")
  }
}

/// This machine's topology in the form that hwloc's own tools read.
public enum TopologyFile {
  /// Returns hwloc XML of version 2; nil where libhwloc finds no topology.
  public static func xml() -> [UInt8]? { LiveTopology(devices: true)?.xml() }
}
