import Units

extension Machine {
  /// Brings the nodes' bandwidths, as firmware states them, down to what all memory together has.
  ///
  /// Firmware of processors in sub-NUMA clusters states for each node what its whole package reads.
  public mutating func limitNodesToAllMemory() {
    let own = numaNodes.indices.filter { index in
      let node = numaNodes[index]
      return node.kind?.value != "hbm" && node.kind?.value != "gpu" && !(node.cpus?.value.isEmpty ?? true)
    }
    let stated = own.compactMap { numaNodes[$0].bandwidth }.filter { $0.source.kind == .probed }
    guard own.count > 1, stated.count == own.count, let all = memory.bandwidth?.value else { return }
    let sum = stated.reduce(0) { $0 + $1.value }
    guard sum > 1.15 * all else { return }
    for index in own {
      guard let node = numaNodes[index].bandwidth else { continue }
      numaNodes[index].bandwidth = Figure(
        node.value / sum * all, .computed,
        "its share of \((all / 1e9).formatted(significant: 3)) GB/s; \(node.source.detail) states "
          + "\((node.value / 1e9).formatted(significant: 3)) GB/s for each of \(own.count) nodes")
    }
  }
}
