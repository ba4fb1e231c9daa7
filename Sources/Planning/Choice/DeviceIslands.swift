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
    guard name.hasPrefix("gpu"), let index = Int(name.dropFirst(3)), index < count else { return nil }
    return index
  }
}

extension Machine {
  /// Accelerators by memory and bandwidth; those that are alike as they are listed.
  func largestFirst(_ devices: [Int]) -> [Int] {
    devices.sorted { left, right in
      let (own, other) = (capacity(of: left), capacity(of: right))
      return own == other ? left < right : own > other
    }
  }

  /// The other way round, for layers in turn: llama.cpp puts the output with the last device.
  func largestLast(_ devices: [Int]) -> [Int] {
    devices.sorted { left, right in
      let (own, other) = (capacity(of: left), capacity(of: right))
      return own == other ? left < right : own < other
    }
  }

  /// The part with the smallest device, of so many equal ones.
  func weakestPart(of devices: [Int], parts: Int) -> [Int] {
    let size = devices.count / max(1, parts)
    guard size > 0 else { return [] }
    let all = stride(from: 0, through: devices.count - size, by: size).map { Array(devices[$0..<$0 + size]) }
    func least(_ part: [Int]) -> Int { part.map { capacity(of: $0).memory }.min() ?? 0 }
    return all.min { least($0) < least($1) } ?? []
  }

  private func capacity(of index: Int) -> (memory: Int, bandwidth: Double) {
    guard accelerators.indices.contains(index) else { return (0, 0) }
    return (accelerators[index].memoryBytes?.value.bytes ?? 0, accelerators[index].bandwidth?.value ?? 0)
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
