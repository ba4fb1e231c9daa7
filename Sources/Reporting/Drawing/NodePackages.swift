import Hardware
import Units

/// Which memory nodes belong to one package, told by their distances.
enum NodePackages {
  /// Returns the nodes of each package; empty where distances tell no such groups, or each package is one node.
  ///
  /// Nodes of one package are nearer to each other than to any other. Nodes without CPUs belong to the nearest that has some.
  static func groups(of nodes: [NUMANode], in machine: Machine) -> [[NUMANode]] {
    let count = machine.cpu.packages?.value ?? 1
    let withCPUs = nodes.filter { !($0.cpus?.value.isEmpty ?? true) }
    guard count > 1, !withCPUs.isEmpty, withCPUs.count % count == 0, nodes.count == machine.numaNodes.count else {
      return []
    }
    let size = withCPUs.count / count
    guard nodes.count > count else { return [] }
    func distance(_ one: NUMANode, _ other: NUMANode) -> Int? {
      guard let row = one.distances?.value, let place = machine.numaNodes.firstIndex(where: { $0.id == other.id }),
        place < row.count
      else { return nil }
      return row[place]
    }
    var groups = stride(from: 0, to: withCPUs.count, by: size).map { Array(withCPUs[$0..<($0 + size)]) }
    for (number, group) in groups.enumerated() {
      let inside = group.flatMap { one in group.filter { $0.id != one.id }.map { distance(one, $0) } }
      let outside = groups.enumerated().filter { $0.offset != number }.flatMap { _, other in
        group.flatMap { one in other.map { distance(one, $0) } }
      }
      let near = inside.compactMap { $0 }.max() ?? 0
      guard inside.allSatisfy({ $0 != nil }), outside.allSatisfy({ ($0 ?? 0) > near }) else { return [] }
    }
    for node in nodes where node.cpus?.value.isEmpty ?? true {
      let near = groups.indices.map { number in groups[number].compactMap { distance(node, $0) }.min() ?? .max }
      guard let least = near.min(), least != .max, near.count(where: { $0 == least }) == 1,
        let number = near.firstIndex(of: least)
      else { return [] }
      groups[number].append(node)
    }
    return groups
  }
}
