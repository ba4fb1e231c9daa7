public import Hardware
import Units

/// A machine at a glance, as text for a terminal.
public struct MachineSummary: Sendable {
  private let machine: Machine
  /// True to print each figure's source.
  private let showsSources: Bool

  public init(_ machine: Machine, showsSources: Bool = false) {
    self.machine = machine
    self.showsSources = showsSources
  }

  /// The whole summary, line by line.
  public func rendered() -> String {
    var table = TextTable(showsSources ? ["", "", "source"] : ["", ""])
    for row in headRows + processorRows + memoryRows + tailRows {
      table.add(showsSources ? [row.name, row.text, row.source?.description ?? ""] : [row.name, row.text])
    }
    var parts = [table.rendered().split(separator: "\n").joined(separator: "\n")]
    if machine.numaNodes.count > 1 { parts.append(nodeTable.rendered()) }
    if !machine.accelerators.isEmpty { parts.append(acceleratorTable.rendered()) }
    if !speedLines.isEmpty { parts.append(speedLines.joined(separator: "\n")) }
    if showsSources, let table = sourceTable { parts.append(table.rendered()) }
    if !machine.links.isEmpty { parts.append(linkLines) }
    if let advice = ThreadAdvice(machine) { parts.append(threadLines(advice)) }
    if !machine.warnings.isEmpty {
      parts.append(
        machine.warnings.map { Prose.wrapped("warning: \(printable($0))", indent: 2) }.joined(separator: "\n"))
    }
    if !machine.unknowns.isEmpty { parts.append(unknownLines) }
    return parts.joined(separator: "\n\n")
  }

  private struct Row {
    var name: String
    var text: String
    var source: Source?
  }

  private func row<Value>(_ name: String, _ figure: Figure<Value>?, _ text: (Value) -> String) -> [Row] {
    figure.map { [Row(name: name, text: text($0.value), source: $0.source)] } ?? []
  }

  private var headRows: [Row] {
    var rows = [Row(name: "machine", text: machine.name)]
    if let system = machine.system?.fullName {
      rows.append(Row(name: "system", text: system, source: machine.system?.product?.source))
    }
    rows += row("os", machine.os) { $0 }
    rows += row("virtual machine", machine.virtualMachine) { $0 ? "yes" : "no" }
    return rows
  }

  private var processorRows: [Row] {
    let cpu = machine.cpu
    var rows = row("processor", cpu.model) { model in
      cpu.product.map { "\(model) (\($0.value))" } ?? model
    }
    rows += row("cores", cpu.cores) { cores in
      let packages = cpu.packages.map { " in \($0.value) \($0.value == 1 ? "package" : "packages")" } ?? ""
      let threads = cpu.threads.map { ", \($0.value) \($0.value == 1 ? "thread" : "threads")" } ?? ""
      if let all = cpu.onlineCores, all.value >= cores {
        return
          "\(cores) of \(all.value) \(all.value == 1 ? "core" : "cores") visible to this process\(packages)\(threads)"
      }
      return "\(cores)\(packages)\(threads)"
    }
    if cpu.cores == nil { rows += row("threads", cpu.threads) { "\($0)" } }
    for kind in cpu.kinds ?? [] {
      let clock = kind.megahertz.map { ", up to \(($0.value / 1000).formatted(decimals: 2)) GHz" } ?? ""
      rows += row("  \(kind.name)", kind.cores) { "\($0) \($0 == 1 ? "core" : "cores")\(clock)" }
    }
    rows += row("cpu limit", machine.cpuLimit) { "\($0.formatted(significant: 3)) CPUs of time" }
    if let caches = cpu.caches, !caches.isEmpty {
      let text = caches.map { cache in
        let letter = cache.type == "data" ? "d" : cache.type == "instruction" ? "i" : ""
        return "L\(cache.level)\(letter) \(cache.count.value) x \(cache.bytes.value)"
      }
      rows.append(Row(name: "caches", text: text.joined(separator: ", "), source: caches.first?.bytes.source))
    }
    rows += row("instructions", cpu.features) { features in
      let used = features.filter { Self.engineFeatures.contains($0) }
      return used.isEmpty ? "none that engines use" : used.joined(separator: " ")
    }
    rows += row("SVE length", cpu.sveBits) { "\($0) bits" }
    for rate in cpu.measuredCompute ?? [] {
      let name = "\(rate.weightBits)-bit dot products"
      let speed = "\((rate.teraOperationsPerSecond.value * 1000).formatted(significant: 3)) GOPS"
      let threads = rate.threads == 1 ? "1 core" : "\(rate.threads) cores"
      rows.append(
        Row(
          name: name, text: "\(speed) on \(threads), \(rate.instructions)", source: rate.teraOperationsPerSecond.source)
      )
    }
    return rows
  }

  /// The instruction sets that inference engines have kernels for.
  private static let engineFeatures: Set<String> = [
    "sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx_vnni_int8", "avx512f", "avx512bw", "avx512vl",
    "avx512_vnni",
    "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "neon", "asimd", "asimddp", "asimdhp",
    "i8mm", "bf16", "sve", "sve2", "sme", "sme2", "v", "vsx", "altivec", "zfh", "zvfh", "lsx", "lasx", "vx", "vxe",
  ]

  private var memoryRows: [Row] {
    let memory = machine.memory
    // Beside a source stands the one figure that it is of.
    var rows = row("memory", memory.totalBytes) { total in
      showsSources ? "\(total)" : memory.availableBytes.map { "\(total), \($0.value) available" } ?? "\(total)"
    }
    if showsSources { rows += row("  available", memory.availableBytes) { "\($0)" } }
    rows += row("memory limit", memory.limitBytes) { limit in
      memory.limitUsedBytes.map { "\(limit), \($0.value) used" } ?? "\(limit)"
    }
    rows += row("modules", memory.installedBytes) { installed in
      let parts = [memory.type?.value, memory.speedMTs.map { "\($0.value) MT/s" }].compactMap { $0 }
      let count = memory.modules.map { " in \($0.value)\(memory.slots.map { " of \($0.value)" } ?? "") slots" } ?? ""
      return "\(installed)\(count)" + (parts.isEmpty ? "" : ", \(parts.joined(separator: "-"))")
    }
    rows += row("channels", memory.channels?.populated) { populated in
      memory.channels?.possible.map { "\(populated) of \($0.value) populated" } ?? "\(populated) populated"
    }
    rows += row("bandwidth", memory.bandwidth) { rate in
      let kind = memory.bandwidth?.source.kind
      return Self.rate(rate) + (kind == .measured || showsSources ? "" : " (\(kind?.rawValue ?? "unknown"))")
    }
    rows += row("  copy", memory.copyBandwidth) { Self.rate($0) }
    rows += row("  triad", memory.triadBandwidth) { Self.rate($0) }
    if let some = memory.bandwidthByThreads, !some.isEmpty {
      let text = some.map { "\($0.threads): \(Self.rate($0.bandwidth.value))" }.joined(separator: ", ")
      rows.append(Row(name: "  by threads", text: text, source: some.first?.bandwidth.source))
    }
    rows += row("latency", memory.latencyNanoseconds) { "\($0.formatted(significant: 3)) ns" }
    rows += row("unified memory", machine.unifiedMemory) { $0 ? "yes" : "no" }
    rows += row("for accelerators", memory.acceleratorBytes) { "\($0)" }
    return rows
  }

  private var tailRows: [Row] {
    let cards = machine.networks.prefix(8).map { card -> Row in
      let parts = [
        card.model?.value, card.gigabytesPerSecond.map { "\(($0.value * 8).formatted(significant: 3)) Gbit/s" },
        machine.numaNodes.count > 1 ? card.numaNode.map { "node \($0.value)" } : nil,
      ]
      let text = parts.compactMap { $0 }.joined(separator: ", ")
      return Row(
        name: "network \(card.names.prefix(3).joined(separator: ", "))", text: text, source: card.address?.source)
    }
    return cards
      + machine.storage.flatMap { disk in
        let reads = { (rate: Double) in "\(rate.formatted(significant: 3)) GB/s" }
        return row("disk \(disk.name)", disk.totalBytes) { total in
          showsSources
            ? "\(total)" : disk.readGigabytesPerSecond.map { "\(total), reads \(reads($0.value))" } ?? "\(total)"
        } + (showsSources ? row("  reads", disk.readGigabytesPerSecond, reads) : [])
      } + machine.software.flatMap { item in row(item.name, item.version) { $0 } }
  }

  private static func rate(_ bytesPerSecond: Double) -> String {
    "\((bytesPerSecond / 1e9).formatted(significant: 3)) GB/s"
  }

  private var nodeTable: TextTable {
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

  private var acceleratorTable: TextTable {
    var table = TextTable(
      ["gpu", "model", ">memory", ">usable", ">bandwidth", "architecture", "address", "node"],
      optional: ["address", "node", "usable"])
    for (index, device) in machine.accelerators.enumerated() {
      table.add([
        "\(index)", device.fullName,
        device.memoryBytes.map { "\($0.value)" } ?? (device.sharesMemory == true ? "shared" : "unknown"),
        device.usableBytes.map { "\($0.value)" } ?? "", device.bandwidth.map { Self.rate($0.value) } ?? "",
        device.architecture?.value ?? "", device.address?.value ?? "", device.numaNode.map { "\($0.value)" } ?? "",
      ])
    }
    return table
  }

  /// What engines were timed at on the accelerators.
  private var speedLines: [String] {
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
  private var sourceTable: TextTable? {
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

  /// Links in one line where all are alike, else as a matrix.
  private var linkLines: String { MachineDrawing(machine).linkLines.joined(separator: "\n") }

  private func threadLines(_ advice: ThreadAdvice) -> String {
    var text = "threads: \(advice.threads) (\(advice.reason))"
    if showsSources { text += " [computed: the cores, nodes and limits above]" }
    if let command = advice.command { text += "\nbind with: \(command) ENGINE" }
    return Prose.wrapped(text, indent: 2)
  }

  private var unknownLines: String {
    machine.unknowns.map { unknown in
      let remedy = unknown.command.map { "; find out: \($0)" } ?? ""
      return Prose.wrapped("not known: \(unknown.fact) (\(unknown.reason))\(remedy)", indent: 2)
    }.joined(separator: "\n")
  }
}
