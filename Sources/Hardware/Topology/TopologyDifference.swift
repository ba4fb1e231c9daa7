import Units

/// The known reasons for which libhwloc and the kernel's files, as this program reads them, tell differently.
enum TopologyDifference: String, CaseIterable {
  case memoryOnlyNodes
  case kindsByFrequency

  var sentence: String {
    switch self {
    case .memoryOnlyNodes: "hwloc gives a node that has memory only the CPUs nearest to it"
    case .kindsByFrequency: "before 2.14 hwloc tells kinds of cores by frequency, the files by the part's number"
    }
  }

  /// Returns the reason for a row's difference; nil for one that is not known.
  static func reason(_ row: TopologyComparison.Row, _ files: Machine, _ hwloc: Machine) -> TopologyDifference? {
    switch row.fact {
    case "kinds of cores": .kindsByFrequency
    case "CPUs of nodes": files.numaNodes.contains { $0.cpus?.value == "" } ? .memoryOnlyNodes : nil
    default: nil
    }
  }
}
