import Engines
import Hardware
import Units

/// Accelerators that talk to each other fast: tensor parallelism stays inside one island.
struct DeviceIslands: Hashable, Sendable {
  /// Indices into the machine's accelerators: the largest island first, among alike ones that with the larger and faster
  /// devices, and so within each. The order in which a machine lists its devices decides between equals alone.
  let islands: [[Int]]
  /// True where the largest island is held together by NVLink, xGMI or the like.
  let isFast: Bool

  /// Groups the accelerators by their fast links; without any, by NUMA node; and where those are unknown, all together.
  init(_ machine: Machine) {
    let count = machine.accelerators.count
    var parent = Array(0..<count)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index { index = parent[index] }
      return index
    }
    var hasFastLink = false
    for link in machine.links where link.kind.isScaleUp {
      guard let a = Self.index(link.a, below: count), let b = Self.index(link.b, below: count) else { continue }
      parent[root(a)] = root(b)
      hasFastLink = true
    }
    // A bridge between two cards is bought apart: only a link that was found, or stated, joins them.
    let isBoard = machine.accelerators.allSatisfy {
      ($0.interconnectGigabytesPerSecond?.value ?? 0) > 40 && $0.interconnectDevices == nil
    }
    isFast = hasFastLink || (isBoard && count > 0)
    if !hasFastLink {
      let nodes = machine.accelerators.map { $0.numaNode?.value }
      for index in 1..<max(1, count) where isBoard || nodes[index] == nodes[0] { parent[index] = root(0) }
      for index in 0..<count {
        for other in 0..<index where nodes[other] == nodes[index] { parent[root(index)] = root(other) }
      }
    }
    islands = Dictionary(grouping: 0..<count, by: root).values.map { machine.largestFirst($0) }
      .sorted { left, right in
        guard left.count == right.count, let first = left.first, let other = right.first else {
          return left.count > right.count
        }
        return machine.largestFirst([first, other]).first == first
      }
  }

  /// True where the devices reach each other over fast links alone.
  func joins(_ devices: [Int]) -> Bool {
    isFast && islands.contains { island in devices.allSatisfy(island.contains) }
  }

  private static func index(_ name: String, below count: Int) -> Int? {
    guard let index = Accelerator.index(named: name), index < count else { return nil }
    return index
  }
}

extension Placement {
  /// The same cut for so many servers, each inside an island.
  func copied(_ count: Int, in islands: DeviceIslands) -> Placement {
    var copy = self
    let ways = tensorParallel
    copy.replicas = count
    copy.devices = Array(islands.islands.flatMap { $0.prefix($0.count / ways * ways) }.prefix(count * ways))
    return copy
  }
}
