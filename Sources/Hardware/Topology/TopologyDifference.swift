import Units

/// The known reasons for which libhwloc and the kernel's files, as this program reads them, tell differently.
enum TopologyDifference: String, CaseIterable {
  case nodesWithoutCPUs
  case cpusOutOfReach
  case kindsByFrequency
  case noNodes
  case hiddenNodes
  case modules
  case effectiveCPUs

  var sentence: String {
    switch self {
    case .nodesWithoutCPUs: "hwloc gives a node that has memory only the CPUs nearest to it"
    case .cpusOutOfReach: "our reader of the kernel's files leaves out CPUs that the control group may not use"
    case .kindsByFrequency: "hwloc tells kinds of cores apart by frequency only, which does not work here"
    case .noNodes: "the kernel lists no nodes, and hwloc makes one of all memory"
    case .hiddenNodes: "hwloc before 2.11 hides the memory of NVIDIA's GPUs"
    case .modules: "hwloc counts the two cores of an AMD module as threads of one core"
    case .effectiveCPUs: "hwloc shows the CPUs that the control group asks for, the kernel's files those in effect"
    }
  }

  /// Returns the reason for a row's difference; nil for one that is not known.
  static func reason(_ row: TopologyComparison.Row, _ files: Machine, _ hwloc: Machine) -> TopologyDifference? {
    if row.fact == "kinds of cores" { return hwloc.cpu.kinds == nil ? .kindsByFrequency : nil }
    if row.fact.contains("nodes"), files.numaNodes.isEmpty { return .noNodes }
    let hidden = Set(files.numaNodes.map(\.id)).subtracting(hwloc.numaNodes.map(\.id))
    if row.fact.contains("nodes") || row.fact == "distances", !hidden.isEmpty,
      files.numaNodes.allSatisfy({ !hidden.contains($0.id) || $0.kind?.value == "gpu" })
    {
      return .hiddenNodes
    }
    let isNarrower = (files.cpu.threads?.value ?? 0) < (hwloc.cpu.threads?.value ?? 0)
    if row.fact == "CPUs of nodes" {
      return files.cpu.onlineThreads != nil || isNarrower ? .cpusOutOfReach : .nodesWithoutCPUs
    }
    if isNarrower, files.cpu.onlineThreads != nil { return .effectiveCPUs }
    let isAMD = files.cpu.maker == .amd && files.cpu.threads?.value == hwloc.cpu.threads?.value
    return row.fact == "cores" && isAMD && files.cpu.cores?.value == files.cpu.threads?.value ? .modules : nil
  }
}
