public import Hardware
import Platform
import Units

/// A machine at a glance, as text for a terminal.
public struct MachineSummary: Sendable {
  let machine: Machine
  /// True to print each figure's source, and everything that is folded without it.
  let showsSources: Bool

  public init(_ machine: Machine, showsSources: Bool = false) {
    self.machine = machine
    self.showsSources = showsSources
  }

  /// The whole summary, line by line.
  public func rendered() -> String {
    var table = TextTable(showsSources ? ["", "", "source"] : ["", ""])
    for row in rows {
      table.add(showsSources ? [row.name, row.text, row.source?.description ?? ""] : [row.name, row.text])
    }
    var parts = [
      TextStyle.strong(Prose.wrapped(printable(headline), indent: 2)),
      table.rendered().split(separator: "\n").joined(separator: "\n"),
    ]
    if machine.numaNodes.count > 1, nodesInWords == nil { parts.append(nodeTable.rendered()) }
    let accelerators = [
      machine.accelerators.isEmpty ? nil : acceleratorTable.rendered(), machine.links.isEmpty ? nil : linkLines,
    ].compactMap { $0 }
    if !accelerators.isEmpty { parts.append(accelerators.joined(separator: "\n")) }
    if !speedLines.isEmpty { parts.append(speedLines.joined(separator: "\n")) }
    if showsSources, let table = sourceTable { parts.append(table.rendered()) }
    if let advice = ThreadAdvice(machine) { parts.append(threadLines(advice)) }
    if !machine.warnings.isEmpty {
      parts.append(
        machine.warnings.map { Prose.wrapped("warning: \(printable($0))", indent: 2) }.joined(separator: "\n"))
    }
    if !machine.unknowns.isEmpty { parts.append(unknownLines) }
    return parts.joined(separator: "\n\n")
  }

  /// The figures in their order.
  var rows: [Row] { headRows + processorRows + memoryRows + tailRows }

  struct Row {
    var name: String
    var text: String
    var source: Source?
  }

  func row<Value>(_ name: String, _ figure: Figure<Value>?, _ text: (Value) -> String) -> [Row] {
    figure.map { [Row(name: name, text: text($0.value), source: $0.source)] } ?? []
  }

  /// What it is in one sentence: `their-server: 2x Intel(R) Xeon(R) Platinum 8480+, 112 cores, 2.00 TiB, 8x NVIDIA H100`.
  private var headline: String { words.isEmpty ? machine.name : "\(machine.name): \(words)" }

  /// The same without the name.
  var words: String {
    let cpu = machine.cpu
    let packages = cpu.packages.map { $0.value > 1 ? "\($0.value)x " : "" } ?? ""
    let kinds = (cpu.kinds ?? []).compactMap { kind in kind.cores.map { "\($0.value)x \(kind.name)" } }
    let names = cpu.kinds?.contains { $0.name == cpu.model?.value } == true ? kinds : []
    var words =
      names.isEmpty ? [cpu.model.map { packages + $0.value }].compactMap { $0 } : [names.joined(separator: " + ")]
    words += [
      cpu.cores.map { counted($0.value, "core") } ?? cpu.threads.map { counted($0.value, "thread") },
      machine.memory.totalBytes.map { "\($0.value)" },
    ].compactMap { $0 }
    var models: [String] = []
    for device in machine.accelerators where !models.contains(device.productName) { models.append(device.productName) }
    words += models.map { model in
      let count = machine.accelerators.count { $0.productName == model }
      return count > 1 ? "\(count)x \(model)" : model
    }
    return words.joined(separator: ", ")
  }

  private var headRows: [Row] {
    var rows: [Row] = []
    if let system = machine.system?.fullName {
      rows.append(Row(name: "system", text: system, source: machine.system?.product?.source))
    }
    rows += row("os", machine.os) { $0 }
    // What is usual is no news.
    if showsSources || machine.virtualMachine?.value == true {
      rows += row("virtual machine", machine.virtualMachine) { $0 ? "yes" : "no" }
    }
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
      rows.append(Row(name: "caches", text: text(of: caches), source: caches.first?.bytes.source))
    }
    rows += row("instructions", cpu.features) { features in
      let used = features.filter { Self.engineFeatures.contains($0) }
      return used.isEmpty ? "none that engines use" : used.joined(separator: " ")
    }
    rows += row("SVE length", cpu.sveBits) { "\($0) bits" }
    return rows + computeRows
  }

  /// Every cache with its source; else those that cores of a kind share or that are large.
  private func text(of caches: [Cache]) -> String {
    guard !showsSources else {
      return caches.map { cache in
        let letter = cache.type == "data" ? "d" : cache.type == "instruction" ? "i" : ""
        return "L\(cache.level)\(letter) \(cache.count.value) x \(cache.bytes.value)"
      }.joined(separator: ", ")
    }
    let large = caches.filter { $0.level > 1 }
    let shown = large.isEmpty ? caches.filter { $0.type != "instruction" } : large
    return Set(shown.map(\.level)).sorted().map { level in
      let own = shown.filter { $0.level == level }.map {
        $0.count.value == 1 ? "\($0.bytes.value)" : "\($0.count.value) x \($0.bytes.value)"
      }
      return "L\(level) \(own.joined(separator: " + "))"
    }.joined(separator: ", ")
  }

  /// What the cores compute: a line for each figure beside its source, else one for each width of the weights.
  private var computeRows: [Row] {
    let rates = machine.cpu.measuredCompute ?? []
    func speed(_ rate: ComputeRate) -> String {
      "\((rate.teraOperationsPerSecond.value * 1000).formatted(significant: 3)) GOPS on \(counted(rate.threads, "core"))"
    }
    guard !showsSources else {
      return rates.map {
        Row(
          name: "\($0.weightBits)-bit dot products", text: "\(speed($0)), \($0.instructions)",
          source: $0.teraOperationsPerSecond.source)
      }
    }
    return Set(rates.map(\.weightBits)).sorted(by: >).map { bits in
      let own = rates.filter { $0.weightBits == bits }
      return Row(
        name: "\(bits)-bit products",
        text: own.map(speed).joined(separator: ", ") + (own.first.map { " (\($0.instructions))" } ?? ""))
    }
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
      let more = [
        memory.availableBytes.map { "\($0.value) available" },
        machine.unifiedMemory?.value == true ? "shared by processor and GPU" : nil,
      ]
      return showsSources ? "\(total)" : (["\(total)"] + more.compactMap { $0 }).joined(separator: ", ")
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
    if showsSources { rows += row("unified memory", machine.unifiedMemory) { $0 ? "yes" : "no" } }
    if let words = nodesInWords { rows.append(Row(name: "NUMA nodes", text: words)) }
    rows += row("for accelerators", memory.acceleratorBytes) { "\($0)" }
    return rows
  }

  private var tailRows: [Row] {
    let cards = showsSources || machine.networks.count < 4 ? networkRows : networksInWords
    return cards
      + machine.storage.flatMap { disk in
        let reads = { (rate: Double) in "\(rate.formatted(significant: 3)) GB/s" }
        return row("disk", disk.totalBytes) { total in
          let size = "\(disk.name), \(total)"
          return showsSources ? size : disk.readGigabytesPerSecond.map { "\(size), reads \(reads($0.value))" } ?? size
        } + (showsSources ? row("  reads", disk.readGigabytesPerSecond, reads) : [])
      } + figureRows + machine.software.flatMap { item in row(item.name, item.version) { $0 } }
  }

  static func rate(_ bytesPerSecond: Double) -> String {
    "\((bytesPerSecond / 1e9).formatted(significant: 3)) GB/s"
  }

  /// Links in one line where all are alike, else as a matrix.
  private var linkLines: String { MachineDrawing(machine).linkLines.joined(separator: "\n") }

  private func threadLines(_ advice: ThreadAdvice) -> String {
    var text = "threads: \(advice.threads) (\(advice.reason))"
    if showsSources { text += " [computed: the cores, nodes and limits above]" }
    if let command = advice.command { text += "\nbind with: \(command) ENGINE" }
    return Prose.wrapped(text, indent: 2)
  }

  /// What one command would tell is one line.
  private var unknownLines: String {
    var groups: [(how: UnknownFact, facts: [String])] = []
    for unknown in machine.unknowns {
      if let place = groups.firstIndex(where: { $0.how.command == unknown.command && $0.how.reason == unknown.reason })
      {
        groups[place].facts.append(unknown.fact)
      } else {
        groups.append((unknown, [unknown.fact]))
      }
    }
    return groups.map { how, facts in
      let remedy = how.command.map { "; find out: \($0)" } ?? ""
      return Prose.wrapped("not known: \(facts.joined(separator: ", ")) (\(how.reason))\(remedy)", indent: 2)
    }.joined(separator: "\n")
  }
}
