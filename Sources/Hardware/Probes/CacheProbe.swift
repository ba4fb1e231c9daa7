import Platform
import Units

/// Caches by level and type, from `/sys/devices/system/cpu/cpu*/cache`.
struct CacheProbe {
  private static let folder = "/sys/devices/system/cpu"

  /// One cache as the kernel lists it.
  private struct Entry {
    var level: Int
    var type: String
    var bytes: Int
    var cpus: CPUSet
  }

  /// Returns all caches of the cores given.
  static func caches(_ tree: any FileTree, cores: [CPUTopology.Core], source: Source) -> [Cache]? {
    let usable = CPUSet(cores.flatMap(\.threads.members))
    var counts: [String: (cache: Cache, owners: Set<Int>, threads: Int)] = [:]
    for core in cores {
      guard let cpu = core.threads.first else { continue }
      for entry in entries(tree, cpu) {
        let key = "\(entry.level) \(entry.type) \(entry.bytes)"
        let cache = Cache(
          level: entry.level, type: entry.type, bytes: Figure(ByteCount(entry.bytes), source), count: Figure(0, source))
        var group = counts[key] ?? (cache, [], 0)
        group.owners.insert(entry.cpus.first ?? cpu)
        group.threads = max(group.threads, entry.cpus.intersection(usable).count)
        counts[key] = group
      }
    }
    guard !counts.isEmpty else { return nil }
    return counts.values.map { value in
      var cache = value.cache
      cache.count = Figure(value.owners.count, source)
      cache.threads = Figure(max(1, value.threads), source)
      return cache
    }.sorted { ($0.level, $0.type, $1.bytes.value.bytes) < ($1.level, $1.type, $0.bytes.value.bytes) }
  }

  /// Describes a CPU's own caches: the first-level data cache in KiB first, then every other up to level two, then
  /// whether there is a third level at all (a low-power E core has none).
  static func signature(_ tree: any FileTree, _ cpu: Int) -> String {
    let all = entries(tree, cpu)
    let own = all.filter { $0.level <= 2 && $0.type != "instruction" }.sorted { $0.level < $1.level }
    let code = all.filter { $0.level == 1 && $0.type == "instruction" }
    guard !all.isEmpty else { return "" }
    let last = all.contains { $0.level == 3 } ? "L3" : "no L3"
    return ((own + code).map { "\($0.bytes >> 10)" } + [last]).joined(separator: "/")
  }

  private static func entries(_ tree: any FileTree, _ cpu: Int) -> [Entry] {
    (0..<6).compactMap { index in
      let place = "\(folder)/cpu\(cpu)/cache/index\(index)"
      guard let level = tree.integer("\(place)/level"), (1...5).contains(level),
        let type = tree.text("\(place)/type", limit: 64)?.lowercased(),
        let size = tree.text("\(place)/size", limit: 64).flatMap({ ByteCount(parsing: $0) }), size.bytes > 0
      else { return nil }
      // Lists and masks of old kernels differ: what either names shares the cache.
      let named = [
        tree.text("\(place)/shared_cpu_list").flatMap { CPUSet(list: $0) },
        tree.text("\(place)/shared_cpu_map").flatMap { CPUSet(mask: $0) },
      ].compactMap { $0 }
      let shared = named.isEmpty ? CPUSet([cpu]) : named.reduce(CPUSet([])) { $0.union($1) }
      return Entry(level: level, type: type, bytes: size.bytes, cpus: shared)
    }
  }
}
