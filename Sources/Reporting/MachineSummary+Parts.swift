import Engines
import Hardware
import Units

/// The parts that a machine has several of.
extension MachineSummary {
  /// What the accelerators compute and draw, and what it costs; beside their sources the table of figures has the rates.
  var figureRows: [Row] {
    guard !showsSources else { return [] }
    let device = machine.accelerators.first
    let each = machine.accelerators.count > 1 ? " each" : ""
    func rates(_ names: [String], _ unit: String) -> String? {
      let known = names.compactMap { name in
        device?.teraOperationsPerSecond?[name].map { "\(name) \($0.value.formatted(significant: 3))" }
      }
      return known.isEmpty ? nil : "\(known.joined(separator: ", ")) \(unit)"
    }
    let floats = rates(["fp16", "fp8", "fp4"], "TFLOPS") ?? rates(["bf16", "fp32"], "TFLOPS")
    let own = machine.watts == nil ? device?.watts.map { "\($0.value.formatted(significant: 3)) W" } : nil
    let peaks = [floats, rates(["int8"], "TOPS"), own].compactMap { $0 }
    var rows = peaks.isEmpty ? [] : [Row(name: "GPU peak", text: peaks.joined(separator: ", ") + each)]
    rows += row("power", machine.watts ?? (device == nil ? machine.cpu.watts : nil)) {
      "\($0.formatted(significant: 3)) W"
    }
    // The price of a card is not that of the machine that it is in.
    let part = machine.system == nil && machine.cpu.model == nil ? device?.price ?? device?.prices?.first : nil
    if let known = machine.price ?? machine.prices?.first ?? part {
      rows.append(price(known, each: part == nil ? "" : each))
    }
    return rows
  }

  private func price(_ price: Price, each: String) -> Row {
    let value = price.amount.value
    let amount = "\(value >= 1000 ? value.money : value.formatted(significant: 4)) \(price.currency)"
    let hour = price.per == nil ? "" : " an hour"
    let notes = [
      price.per == nil ? price.basis : price.term ?? price.basis, price.region,
      price.amount.source.unverified == true ? "not checked" : nil,
    ]
    return Row(name: "price", text: "\(amount)\(hour)\(each) (\(notes.compactMap { $0 }.joined(separator: ", ")))")
  }

  var networkRows: [Row] {
    machine.networks.prefix(8).map { card in
      let parts = [
        card.names.prefix(3).joined(separator: ", "), card.model?.value,
        card.gigabytesPerSecond.map { "\(($0.value * 8).formatted(significant: 3)) Gbit/s" },
        machine.numaNodes.count > 1 ? card.numaNode.map { "node \($0.value)" } : nil,
      ]
      return Row(name: "network", text: parts.compactMap { $0 }.joined(separator: ", "), source: card.address?.source)
    }
  }

  /// Many cards in one row: their names, and the node that each hangs on.
  var networksInWords: [Row] {
    var groups: [(node: Int?, names: [String])] = []
    for card in machine.networks.prefix(16) {
      let node = machine.numaNodes.count > 1 ? card.numaNode?.value : nil
      let name = card.names.first ?? card.model?.value ?? "unnamed"
      if let last = groups.last, last.node == node {
        groups[groups.count - 1].names.append(name)
      } else {
        groups.append((node, [name]))
      }
    }
    let words = groups.map { $0.names.joined(separator: ", ") + ($0.node.map { " (node \($0))" } ?? "") }
    let more = machine.networks.count > 16 ? ["and \(machine.networks.count - 16) more"] : []
    return [Row(name: "networks", text: (words + more).joined(separator: ", "))]
  }

  var nodeTable: TextTable {
    var table = TextTable(["node", "kind", ">memory", ">bandwidth", "cpus", "distances"])
    var empty: [NUMANode] = []
    // A system may keep dozens of nodes for later use: they are one line.
    func addEmpty() {
      guard !empty.isEmpty else { return }
      table.add([CPUSet(empty.map(\.id)).list, "empty", "0"])
      empty = []
    }
    for node in machine.numaNodes {
      if node.memoryBytes?.value ?? .zero == .zero, node.cpus?.value.isEmpty ?? true {
        empty.append(node)
        continue
      }
      addEmpty()
      table.add([
        "\(node.id)", node.kind?.value ?? "", node.memoryBytes.map { "\($0.value)" } ?? "",
        node.bandwidth.map { Self.rate($0.value) } ?? "", node.cpus?.value ?? "",
        distances(node),
      ])
    }
    addEmpty()
    return table
  }

  /// A node's distances, those to itself and others alike in a few words where there are many.
  private func distances(_ node: NUMANode) -> String {
    guard let all = node.distances?.value else { return node.isAllowed?.value == false ? "out of reach" : "" }
    let text = all.map { "\($0)" }.joined(separator: " ")
    return node.isAllowed?.value == false ? "out of reach, \(text)" : all.count > 16 ? "\(all.count) nodes" : text
  }

  var acceleratorTable: TextTable {
    let titles = ["gpu", "model", ">memory", ">usable", ">bandwidth", "architecture", "address", "node"]
    let rows = acceleratorGroups.map { group -> [String] in
      let devices = group.map { machine.accelerators[$0] }
      let device = devices[0]
      let nodes = devices.compactMap { $0.numaNode?.value }
      func least(_ amounts: [ByteCount?]) -> String? { amounts.compactMap { $0 }.min().map { "\($0)" } }
      return [
        CPUSet(group).list, showsSources ? device.fullName : device.productName,
        least(devices.map { $0.memoryBytes?.value }) ?? (device.sharesMemory == true ? "shared" : "unknown"),
        least(group.map { machine.usableBytes(ofAccelerator: $0)?.value }) ?? "",
        device.bandwidth.map { Self.rate($0.value) } ?? "",
        device.architecture?.value ?? "", group.count == 1 ? device.address?.value ?? "" : "", CPUSet(nodes).list,
      ]
    }
    // A column that nothing stands in is none.
    let shown = titles.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    var table = TextTable(shown.map { titles[$0] }, optional: ["address", "node", "usable"])
    for row in rows { table.add(shown.map { row[$0] }) }
    return table
  }

  /// Equal devices, which are one row; each is its own beside its sources.
  private var acceleratorGroups: [[Int]] {
    let devices = machine.accelerators
    var groups: [[Int]] = []
    for index in devices.indices {
      let last = groups.last.map { devices[$0[0]] }
      if !showsSources, let last, last.isAlike(devices[index]) {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }

  /// Nodes that are alike, in one row; nil for a table: of two, of unequal ones, and beside their sources.
  var nodesInWords: String? {
    let nodes = machine.numaNodes
    guard !showsSources, nodes.count > 2, let first = nodes.first else { return nil }
    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 0.05 * max(a, b) }
    func cpus(_ node: NUMANode) -> Int { node.cpus.flatMap { CPUSet(list: $0.value) }?.count ?? 0 }
    let areAlike = nodes.allSatisfy { node in
      node.kind?.value == first.kind?.value && cpus(node) == cpus(first) && node.isAllowed?.value != false
        && isNear(node.bandwidth?.value ?? 0, first.bandwidth?.value ?? 0)
        && isNear(Double(node.memoryBytes?.value.bytes ?? 0), Double(first.memoryBytes?.value.bytes ?? 0))
    }
    guard areAlike, let memory = nodes.compactMap({ $0.memoryBytes?.value }).min() else { return nil }
    let each: [String?] = [
      [first.kind?.value, "\(memory)"].compactMap { $0 }.joined(separator: " "),
      first.bandwidth.map { Self.rate($0.value) }, counted(cpus(first), "thread"),
    ]
    let others = nodes.enumerated().flatMap { place, node in
      (node.distances?.value ?? []).enumerated().filter { $0.offset != place }.map(\.element)
    }
    let distances = others.min().flatMap { low in others.max().map { low == $0 ? "\(low)" : "\(low) to \($0)" } }
    return "\(nodes.count), each \(each.compactMap { $0 }.joined(separator: ", "))"
      + (distances.map { "; distances \($0)" } ?? "")
  }

  /// What engines were timed at on the accelerators.
  var speedLines: [String] {
    machine.accelerators.enumerated().flatMap { index, device in
      (device.engineSpeeds ?? []).map { speed in
        let rates = [
          speed.promptTokensPerSecond.map { "prompts \($0.value.formatted(significant: 3)) tok/s" },
          speed.answerTokensPerSecond.map { "answers \($0.value.formatted(significant: 3)) tok/s" },
        ]
        return "gpu\(index): \(rates.compactMap { $0 }.joined(separator: ", ")) (\(speed.model), \(speed.engine))"
      }
    }
  }

  /// Where the figures of nodes, accelerators and links are from, each source once; nil where there are none of these.
  var sourceTable: TextTable? {
    typealias Origin = (what: String, source: Source?)
    var origins: [(part: String, id: Int, all: [Origin])] = []
    if machine.numaNodes.count > 1 {
      origins += machine.numaNodes.map { node in
        let all: [Origin] = [
          ("kind", node.kind?.source), ("memory", node.memoryBytes?.source), ("bandwidth", node.bandwidth?.source),
          ("cpus", node.cpus?.source), ("distances", node.distances?.source),
        ]
        return ("node", node.id, all)
      }
    }
    origins += machine.accelerators.enumerated().map { index, device in
      let all: [Origin] = [
        ("model", device.model?.source), ("memory", device.memoryBytes?.source), ("usable", device.usableBytes?.source),
        ("free", device.freeBytes?.source), ("bandwidth", device.bandwidth?.source),
        ("architecture", device.architecture?.source), ("address", device.address?.source),
        ("node", device.numaNode?.source), ("to its peers", device.interconnectGigabytesPerSecond?.source),
        ("to the host", device.hostGigabytesPerSecond?.source), ("power", device.watts?.source),
      ]
      let rates = (device.teraOperationsPerSecond ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value.source) }
      return ("gpu", index, all + rates)
    }
    origins += machine.links.enumerated().map { ("link", $0, [("rate", $1.gigabytesPerSecond?.source)]) }
    var rows: [(part: String, what: String, source: Source, ids: [Int])] = []
    for origin in origins {
      for (what, source) in origin.all {
        guard let source else { continue }
        if let row = rows.firstIndex(where: { ($0.part, $0.what, $0.source) == (origin.part, what, source) }) {
          rows[row].ids.append(origin.id)
        } else {
          rows.append((origin.part, what, source, [origin.id]))
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    var table = TextTable(["figure", "of", "source"])
    for row in rows { table.add([row.what, "\(row.part) \(CPUSet(row.ids).list)", row.source.description]) }
    return table
  }
}

extension Accelerator {
  /// Its name as a person knows it: lists of PCI devices name the chip, and the product in brackets, as in `Aqua Vanjaram
  /// [Instinct MI300A]`.
  var productName: String {
    guard let model = model?.value, model.hasSuffix("]"), let open = model.firstIndex(of: "[") else { return fullName }
    return nameWithMaker(vendor.value.name, String(model[model.index(after: open)...].dropLast()))
  }

  /// True for another of the same kind: what differs is its place, and a little of its memory.
  fileprivate func isAlike(_ other: Accelerator) -> Bool {
    func isNear(_ a: ByteCount?, _ b: ByteCount?) -> Bool {
      guard let a, let b else { return a == b }
      return abs(Double(a.bytes - b.bytes)) <= 0.02 * Double(max(a.bytes, b.bytes))
    }
    return fullName == other.fullName && architecture?.value == other.architecture?.value
      && bandwidth?.value == other.bandwidth?.value && sharesMemory == other.sharesMemory
      && partition == other.partition && isNear(memoryBytes?.value, other.memoryBytes?.value)
      && isNear(usableBytes?.value, other.usableBytes?.value)
  }
}
