import Units

/// One cache of an hwloc topology.
struct HwlocCache {
  var level: Int
  /// `data`, `instruction` or `unified`.
  var type: String
  var bytes: Int
  var cpus: CPUSet

  /// Reads an object of type `L2Cache`, or `Cache` as hwloc 1 has it; nil where its size is not told.
  init?(_ element: XMLElement) {
    let types = ["unified", "data", "instruction"]
    guard let level = element["depth"].flatMap({ Int($0) }), (1...5).contains(level),
      let bytes = element["cache_size"].flatMap({ MachineText.count($0) }), bytes > 0,
      let kind = Int(element["cache_type"] ?? "0"), types.indices.contains(kind),
      let cpus = element["cpuset"].flatMap({ CPUSet(mask: $0) })
    else { return nil }
    self.level = level
    self.type = types[kind]
    self.bytes = bytes
    self.cpus = cpus
  }

  /// Groups the caches that usable CPUs have by level, type and size; nil where there are none.
  static func caches(_ all: [HwlocCache], usable: CPUSet, _ source: Source) -> [Cache]? {
    var groups: [String: (cache: Cache, threads: Int)] = [:]
    for each in all {
      let shared = each.cpus.intersection(usable).count
      guard shared > 0 else { continue }
      let key = "\(each.level) \(each.type) \(each.bytes)"
      let new = Cache(
        level: each.level, type: each.type, bytes: Figure(ByteCount(each.bytes), source), count: Figure(0, source))
      var group = groups[key] ?? (new, 0)
      group.cache.count.value += 1
      group.threads = max(group.threads, shared)
      groups[key] = group
    }
    guard !groups.isEmpty else { return nil }
    return groups.values.map { group in
      var cache = group.cache
      cache.threads = Figure(group.threads, source)
      return cache
    }.sorted { ($0.level, $0.type, $1.bytes.value.bytes) < ($1.level, $1.type, $0.bytes.value.bytes) }
  }
}
