import Units

/// What firmware's tables (HMAT) promise of each memory node, as hwloc 2.3 and later keep it.
struct HwlocMemoryAttributes {
  /// MB/s and nanoseconds by the node's number in the document: the best of all CPUs, which are the node's own.
  private var bandwidth: [String: Int] = [:]
  private var latency: [String: Int] = [:]

  init(_ root: XMLElement) {
    // Reads are what decoding does; the plain attributes are those of reads and writes together.
    for (name, keep) in [("ReadBandwidth", max), ("Bandwidth", max), ("ReadLatency", min), ("Latency", min)]
      as [(String, (Int, Int) -> Int)]
    {
      var found: [String: Int] = [:]
      for attribute in root.children where attribute.name == "memattr" && attribute["name"] == name {
        for value in attribute.children where value["target_obj_type"] == "NUMANode" {
          guard let target = value["target_obj_gp_index"],
            let number = value["value"].flatMap({ MachineText.count($0) }),
            number > 0
          else { continue }
          found[target] = found[target].map { keep($0, number) } ?? number
        }
      }
      if name.hasSuffix("Bandwidth") {
        bandwidth.merge(found) { first, _ in first }
      } else {
        latency.merge(found) { first, _ in first }
      }
    }
  }

  /// Writes the node's bandwidth and latency into it, where they are told.
  func describe(_ node: inout NUMANode, _ number: String?, _ source: Source) {
    guard let number else { return }
    node.bandwidth = bandwidth[number].map { Figure(Double($0) * 1e6, source.kind, "\(source.detail) (HMAT)") }
    node.latencyNanoseconds = latency[number].map { Figure(Double($0), source.kind, "\(source.detail) (HMAT)") }
  }
}
