import Units

/// Groups cores by kind: the Arm part first, then the caches, which differ between P and E cores, Zen 5 and Zen 5c.
enum CoreKinds {
  /// Returns the kinds, the most capable first, or nil where all cores are alike.
  ///
  /// - Parameter family: the number of the processor's family, which names the generation of AMD's cores.
  static func kinds(_ cores: [CPUTopology.Core], vendor: String?, family: UInt32?, source: Source) -> [CoreKind]? {
    let byPart = cores.allSatisfy { $0.armPart != nil }
    // No processor of several packages has several kinds of cores, and firmware may list their caches wrongly.
    guard byPart || Set(cores.map(\.package)).count == 1 else { return nil }
    let fastest = cores.compactMap(\.megahertz).max() ?? 0
    let isAMD = vendor.map { Maker($0) } == .amd
    let groups = Dictionary(grouping: cores) { core -> String in
      if byPart { return "\(core.armPart ?? 0)" }
      // A compact core has the caches of a full one, at two thirds of its frequency; a core with stacked cache is only
      // a little slower than its neighbours and no kind of its own.
      let isCompact = isAMD && (core.megahertz ?? fastest) * 5 < fastest * 4
      return core.cacheSignature + (isCompact ? " compact" : "")
    }
    guard groups.count > 1, groups.count <= 8 else { return nil }
    let ordered = groups.values.sorted { isStronger($0, $1) }
    let names = names(ordered, byPart: byPart, zen: isAMD ? zen(family: family) : nil)
    return zip(names, ordered).map { name, group in
      CoreKind(
        name: name, cores: Figure(group.count, source),
        threads: Figure(group.reduce(0) { $0 + $1.threads.count }, source),
        megahertz: group.compactMap(\.megahertz).max().map { Figure(Double($0), source) },
        coreCPUs: Figure(CPUSet(group.compactMap(\.threads.first)).list, source))
    }
  }

  /// Larger designs come first, then more of the kernel's capacity, more threads, higher clocks and larger caches.
  private static func isStronger(_ a: [CPUTopology.Core], _ b: [CPUTopology.Core]) -> Bool {
    guard let a = a.first, let b = b.first else { return false }
    let (one, other) = (order(a), order(b))
    return one.lexicographicallyPrecedes(other) ? false : one != other
  }

  private static func order(_ core: CPUTopology.Core) -> [Int] {
    let cache = core.cacheSignature.split(separator: "/").compactMap { Int($0) }.first ?? 0
    let part = core.armPart ?? 0
    let design = ArmPart.name(implementer: part >> 12, part: part & 0xfff).map { ArmPart.rank(ofName: $0) } ?? 1
    return [design, core.capacity ?? 0, core.threads.count, core.megahertz ?? 0, cache, part & 0xfff]
  }

  private static func names(_ groups: [[CPUTopology.Core]], byPart: Bool, zen: String?) -> [String] {
    if byPart {
      return groups.map { group in
        let part = group.first?.armPart ?? 0
        return ArmPart.name(implementer: part >> 12, part: part & 0xfff) ?? "part 0x\(MachineText.hex(part & 0xfff, 3))"
      }
    }
    let labels = zen.map { [$0, "\($0)c"] } ?? ["P", "E", "low-power E"]
    return groups.indices.map { $0 < labels.count ? labels[$0] : "kind \($0)" }
  }

  /// The generation of AMD's cores by the processor's family; compact cores have a `c` after it.
  static func zen(family: UInt32?) -> String {
    switch family {
    case 0x19: "Zen 4"
    case 0x1a: "Zen 5"
    default: "Zen"
    }
  }
}
