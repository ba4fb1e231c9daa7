import Units

/// The matrices at the end of hwloc XML: distances of memory nodes, bandwidth between GPUs.
enum HwlocDistances {
  private struct Matrix {
    var indexes: [String]
    var values: [Int]

    init?(_ element: XMLElement) {
      func words(_ name: String) -> [Substring] {
        element.children.filter { $0.name == name }.flatMap { $0.text.split(whereSeparator: \.isWhitespace) }
      }
      indexes = words("indexes").map { String($0) }
      values = words("u64values").compactMap { Int($0) }
      guard !indexes.isEmpty, indexes.count <= 4096, values.count == indexes.count * indexes.count else { return nil }
    }

    func value(_ row: Int, _ column: Int) -> Int { values[row * indexes.count + column] }
  }

  /// Returns the links that a bandwidth matrix (in MB/s) holds.
  ///
  /// - Parameters:
  ///   - gpus: for each accelerator the numbers that it and its OS devices go by.
  ///   - switches: NVSwitches by their number.
  static func links(_ root: XMLElement, gpus: [Set<String>], switches: [String: Int], source: Source) -> [Link] {
    var links: [Link] = []
    for element in root.children where element.name.hasPrefix("distances2") {
      let kinds = ["NVLinkBandwidth": LinkKind.nvlink, "XGMIBandwidth": .xgmi]
      let kind = element["name"].flatMap { kinds[$0] }
      guard let kind, let matrix = Matrix(element) else { continue }
      let detail = Source(source.kind, "\(source.detail) \(element["name"] ?? "")")
      let names = matrix.indexes.map { index -> String? in
        if let number = switches[index] { return "nvswitch\(number)" }
        return gpus.firstIndex { $0.contains(index) }.map { "gpu\($0)" }
      }
      for row in names.indices {
        for column in names.indices where column > row {
          guard let a = names[row], let b = names[column], a != b, matrix.value(row, column) > 0 else { continue }
          let isSwitch = a.hasPrefix("nvswitch") || b.hasPrefix("nvswitch")
          let rate = Double(matrix.value(row, column)) / 1000
          links.append(Link(kind: isSwitch ? .nvswitch : kind, a: a, b: b, gigabytesPerSecond: Figure(rate, detail)))
        }
      }
    }
    return links
  }

  /// Returns each memory node's distances by its number, in ascending order of the other nodes' numbers.
  ///
  /// - Parameter order: the nodes' numbers in the order of the document, which is that of hwloc 1's matrix.
  static func latencies(_ root: XMLElement, _ machine: XMLElement, order: [Int]) -> [Int: [Int]] {
    for element in root.children where element.name == "distances2" && element["name"] == "NUMALatency" {
      guard let matrix = Matrix(element) else { continue }
      let ids = matrix.indexes.compactMap { Int($0) }
      guard ids.count == matrix.indexes.count else { continue }
      return rows(ids) { matrix.value($0, $1) }
    }
    return oldLatencies(machine, order)
  }

  private static func rows(_ ids: [Int], _ value: (Int, Int) -> Int) -> [Int: [Int]] {
    let columns = ids.indices.sorted { ids[$0] < ids[$1] }
    var rows: [Int: [Int]] = [:]
    for row in ids.indices { rows[ids[row]] = columns.map { value(row, $0) } }
    return rows
  }

  /// hwloc 1 keeps ratios to a base, in the order of the nodes.
  private static func oldLatencies(_ machine: XMLElement, _ order: [Int]) -> [Int: [Int]] {
    guard let element = machine.child("distances"), let count = element["nbobjs"].flatMap({ Int($0) }),
      (1...1024).contains(count), count == order.count, !order.contains(-1),
      let base = element["latency_base"].flatMap({ Double($0) })
    else { return [:] }
    let values = element.children.compactMap { $0["value"].flatMap { Double($0) } }
    guard values.count == count * count else { return [:] }
    return rows(order) { row, column in
      let value = (values[row * count + column] * base).rounded()
      return value.magnitude < 1e6 ? Int(value) : 0
    }
  }
}

/// Kinds of cores, where hwloc names them.
enum HwlocKinds {
  /// Returns the kinds by the name of the core's type; by frequency alone hwloc tells more kinds than there are.
  static func kinds(_ root: XMLElement, cores: [CPUSet], source: Source) -> [CoreKind]? {
    var sets: [(name: String, cpus: CPUSet)] = []
    for element in root.children where element.name == "cpukind" {
      let infos = HwlocWalk.infos(element)
      guard let name = infos["CoreType"], let set = element["cpuset"].flatMap({ CPUSet(mask: $0) }) else { continue }
      if let index = sets.firstIndex(where: { $0.name == name }) {
        sets[index].cpus = sets[index].cpus.union(set)
      } else {
        sets.append((name, set))
      }
    }
    guard sets.count > 1 else { return nil }
    let names = ["IntelCore": "P", "IntelAtom": "E"]
    return sets.reversed().map { name, cpus in
      let own = cores.filter { !$0.intersection(cpus).isEmpty }
      return CoreKind(
        name: names[name] ?? name, cores: Figure(own.count, source),
        threads: Figure(own.reduce(0) { $0 + $1.count }, source),
        coreCPUs: Figure(CPUSet(own.compactMap(\.first)).list, source))
    }
  }
}
