import Units

/// `lstopo` in a terminal: one object a line, those below it indented, and objects with one child joined by a plus sign.
enum LstopoTextDump: DumpReader {
  static let kind = "lstopo text"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      let start = dump.lines.firstIndex(where: { $0.hasPrefix("Machine (") || $0.hasPrefix("Machine L#0") }),
      dump.lines[start...].contains(where: { $0.contains("PU L#") })
    else { return nil }
    var tree = Tree(source: Source(.probed, "lstopo text, sizes rounded"))
    for line in dump.lines[start...].prefix(100_000) {
      // An empty line ends the tree; what follows is something else of a longer report.
      guard !line.allSatisfy(\.isWhitespace) else { break }
      tree.add(line)
    }
    return tree.findings()
  }

  private struct Tree {
    let source: Source
    private var packages = 0
    private var cores: [CPUSet] = []
    private var units: [Int] = []
    private var total: ByteCount?
    /// Memory nodes with the indent of their line, until a line further to the left ends what they hold.
    private var nodes: [(node: NUMANode, indent: Int, isOpen: Bool, cpus: [Int])] = []
    private var caches: [String: (cache: Cache, count: Int)] = [:]
    private var devices: [(address: String, maker: Maker?)] = []

    init(source: Source) { self.source = source }

    mutating func add(_ line: Substring) {
      let indent = line.prefix { $0 == " " }.count
      for index in nodes.indices where indent < nodes[index].indent { nodes[index].isOpen = false }
      var core: [Int] = []
      for part in line.split(separator: "+").map({ MachineText.trimmed($0) }) { add(part, indent, &core) }
      if !core.isEmpty { cores.append(CPUSet(core)) }
    }

    private mutating func add(_ part: String, _ indent: Int, _ core: inout [Int]) {
      let inside = Self.inside(part)
      if part.hasPrefix("Machine"), let amount = inside?.split(separator: " ").first(where: { $0.hasSuffix("B") }) {
        total = Self.amount(amount)
      } else if part.hasPrefix("Package L#") || part.hasPrefix("Socket L#") {
        packages += 1
      } else if part.hasPrefix("NUMANode L#") {
        addNode(inside ?? "", indent)
      } else if part.hasPrefix("PU L#"), let number = inside.flatMap({ Self.number($0) }) {
        addUnit(number, &core)
      } else if part.hasPrefix("Core L#") {
        isNewCore = true
      } else if part.first == "L", let bytes = inside.flatMap({ Self.amount($0) }) {
        addCache(part, bytes)
      } else if part.hasPrefix("PCI ") {
        addDevice(part, inside ?? "")
      } else if let maker = Self.maker(part), !devices.isEmpty {
        devices[devices.count - 1].maker = maker
      }
    }

    /// True between a core and its first thread: the threads of one core stand on lines of their own below it.
    private var isNewCore = false

    private mutating func addUnit(_ number: Int, _ core: inout [Int]) {
      units.append(number)
      if isNewCore || cores.isEmpty {
        core.append(number)
      } else {
        cores[cores.count - 1] = CPUSet(cores[cores.count - 1].members + [number])
      }
      isNewCore = false
      // The node nearest above, of several in one place the first: the others have memory only.
      let open = nodes.indices.filter { nodes[$0].isOpen }
      guard let deepest = open.map({ nodes[$0].indent }).max(),
        let own = open.first(where: { nodes[$0].indent == deepest })
      else { return }
      nodes[own].cpus.append(number)
    }

    private mutating func addNode(_ inside: String, _ indent: Int) {
      guard let number = Self.number(inside), nodes.count < 4096 else { return }
      var node = NUMANode(id: number)
      let amount = inside.split(separator: " ").dropFirst().first
      node.memoryBytes = amount.flatMap { Self.amount($0) }.map { Figure($0, source) }
      // hwloc 1 puts what a node holds below it, so that the next node in the same column ends the one before.
      for index in nodes.indices where nodes[index].indent == indent && !nodes[index].cpus.isEmpty {
        nodes[index].isOpen = false
      }
      nodes.append((node, indent, true, []))
    }

    private mutating func addCache(_ part: String, _ bytes: ByteCount) {
      guard let level = part.dropFirst().first.flatMap({ Int(String($0)) }) else { return }
      let letter = part.dropFirst(2).first
      let type = letter == "d" ? "data" : letter == "i" ? "instruction" : "unified"
      let cache = Cache(level: level, type: type, bytes: Figure(bytes, source), count: Figure(0, source))
      var group = caches["\(level) \(type) \(bytes.bytes)"] ?? (cache, 0)
      group.count += 1
      caches["\(level) \(type) \(bytes.bytes)"] = group
    }

    /// `PCI 3b:00.0 (3D)`; hwloc 1 prints vendor and device instead of a place.
    private mutating func addDevice(_ part: String, _ inside: String) {
      guard devices.count < 4096, let word = part.dropFirst(4).split(separator: " ").first else { return }
      devices.append((MachineText.pciAddress(word) ?? "", nil))
    }

    func findings() -> Findings {
      var findings = Findings(.topology)
      if packages > 0 { findings.machine.cpu.packages = Figure(packages, source) }
      if !units.isEmpty {
        findings.machine.cpu.threads = Figure(units.count, source)
        findings.machine.cpu.allowed = Figure(CPUSet(units).list, source)
      }
      if !cores.isEmpty {
        findings.machine.cpu.cores = Figure(cores.count, source)
        findings.machine.cpu.coreCPUs = Figure(CPUSet(cores.compactMap(\.first)).list, source)
      }
      let found = caches.values.map { group -> Cache in
        var cache = group.cache
        cache.count = Figure(group.count, source)
        return cache
      }
      if !found.isEmpty { findings.machine.cpu.caches = found.sorted { ($0.level, $0.type) < ($1.level, $1.type) } }
      findings.machine.numaNodes = nodes.map { entry in
        var node = entry.node
        node.cpus = Figure(CPUSet(entry.cpus).list, source)
        return node
      }.sorted { $0.id < $1.id }
      findings.machine.memory.totalBytes = total.map { Figure($0, source) }
      findings.machine.accelerators = devices.compactMap { device in
        guard let maker = device.maker else { return nil }
        var found = Accelerator(vendor: Figure(maker, source))
        if !device.address.isEmpty { found.address = Figure(device.address, source) }
        return found
      }
      findings.listsDevices = !devices.isEmpty
      return findings
    }

    // MARK: - words

    private static func inside(_ part: String) -> String? {
      guard let open = part.firstIndex(of: "("), let close = part.lastIndex(of: ")"), open < close else { return nil }
      return String(part[part.index(after: open)..<close])
    }

    /// The system's number in `P#12 377GB`.
    private static func number(_ inside: String) -> Int? {
      guard inside.hasPrefix("P#") else { return nil }
      return Int(inside.dropFirst(2).prefix { $0.isNumber }).flatMap { $0 < CPUSet.limit ? $0 : nil }
    }

    /// `377GB`, `512KB`: units of 2^10 in spite of their names.
    private static func amount(_ text: some StringProtocol) -> ByteCount? {
      let word = text.split(separator: " ").first.map { String($0) } ?? ""
      guard let (value, unit) = MachineText.number(word), value > 0 else { return nil }
      switch unit {
      case "KB": return .kibibytes(Int(value))
      case "MB": return .mebibytes(Int(value))
      case "GB": return ByteCount.gibibytes(1).scaled(by: value)
      case "TB": return ByteCount.gibibytes(1024).scaled(by: value)
      default: return nil
      }
    }

    /// `CoProc(CUDA) "cuda0"` and `GPU(RSMI) "rsmi0"` are what a maker's library found.
    private static func maker(_ part: String) -> Maker? {
      guard part.hasPrefix("CoProc(") || part.hasPrefix("GPU(") else { return nil }
      let libraries: [String: Maker] = [
        "CUDA": .nvidia, "NVML": .nvidia, "RSMI": .amd, "LevelZero": .intel, "VectorEngine": Maker("NEC"),
      ]
      return libraries.first { part.contains("(\($0.key))") }?.value
    }
  }
}
