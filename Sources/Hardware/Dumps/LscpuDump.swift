import Units

/// Text of `lscpu`, or its JSON by `-J`.
enum LscpuDump: DumpReader {
  static let kind = "lscpu"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    let fields = dump.json.map(jsonFields) ?? textFields(dump.lines)
    if dump.xml == nil, dump.json == nil, isTranslated(dump.lines) {
      throw .unsupported(
        path: dump.path, what: "lscpu's output is not in English",
        remedy: "write it with: LC_ALL=C lscpu")
    }
    guard fields.contains(where: { $0.key == "Architecture" }), fields.contains(where: { $0.key == "CPU(s)" }) else {
      return nil
    }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    findings.machine.cpu = processor(fields, source)
    nameCore(fields, source, in: &findings)
    findings.machine.numaNodes = nodes(fields, source)
    findings.machine.virtualMachine = virtualMachine(fields, source)
    return findings
  }

  typealias Fields = [(key: String, value: String)]

  private static func first(_ fields: Fields, _ names: String...) -> String? {
    for name in names {
      if let value = fields.first(where: { $0.key == name && MachineText.known($0.value) != nil })?.value {
        return value
      }
    }
    return nil
  }

  private static func count(_ fields: Fields, _ name: String) -> Int? {
    first(fields, name).flatMap { MachineText.count($0) }.flatMap { (1..<1 << 20).contains($0) ? $0 : nil }
  }

  /// Words stay English in every language where they are no words: an architecture, a maker, a byte order.
  private static func isTranslated(_ lines: [Substring]) -> Bool {
    // Chinese and Japanese texts have a colon of their own width.
    let pairs = lines.prefix(200).compactMap { MachineText.pair($0) ?? MachineText.pair($0, separator: "：") }
    let isEnglish = ["Architecture", "CPU(s)"].allSatisfy { key in pairs.contains { $0.key == key } }
    guard !isEnglish else { return false }
    let architectures: Set = ["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "i686", "armv7l"]
    let marks: Set = ["GenuineIntel", "AuthenticAMD", "ARM", "Little Endian", "HygonGenuine", "32-bit, 64-bit"]
    guard let start = pairs.firstIndex(where: { architectures.contains($0.value) }) else { return false }
    return pairs[start...].prefix(12).filter { marks.contains($0.value) }.count >= 2
  }

  // MARK: - form

  private static func textFields(_ lines: [Substring]) -> Fields {
    guard let start = lines.firstIndex(where: { MachineText.pair($0)?.key == "Architecture" && !$0.contains("=") })
    else { return [] }
    // Some collectors print the fields in a box of their own; the block ends at the first empty line.
    let block = lines[start...].prefix { !$0.allSatisfy(\.isWhitespace) }.prefix(4096)
    let width = block.map(\.count).max() ?? 0
    var fields: Fields = []
    var column = 0
    for line in block {
      // A value that was wrapped goes on at the column where it began, cut in the middle of a word.
      let isWrapped = column > 0 && line.count > column && line.prefix(column).allSatisfy(\.isWhitespace)
      if isWrapped, !fields.isEmpty {
        fields[fields.count - 1].value += line.dropFirst(column)
      } else if let (key, value) = MachineText.pair(line) {
        fields.append((key, value))
        column =
          line.count
          - (line.firstIndex { $0 == ":" }.map { line[$0...].dropFirst().drop(while: \.isWhitespace).count } ?? 0)
      }
      if line.count < width, !fields.isEmpty, isWrapped || line.count > 100 { fields[fields.count - 1].value += " " }
    }
    return fields.map { ($0.key, MachineText.trimmed($0.value)) }
  }

  private static func jsonFields(_ json: JSONValue) -> Fields {
    var fields: Fields = []
    var waiting = json["lscpu"]?.array ?? []
    while !waiting.isEmpty, fields.count < 4096 {
      let item = waiting.removeFirst()
      if let key = item["field"]?.string, let value = item["data"]?.string {
        fields.append((key.hasSuffix(":") ? String(key.dropLast()) : key, value))
      }
      waiting = (item["children"]?.array ?? []) + waiting
    }
    return fields
  }

  // MARK: - content

  private static func processor(_ fields: Fields, _ source: Source) -> Processor {
    var cpu = Processor()
    cpu.architecture = first(fields, "Architecture").map { Figure($0, source) }
    cpu.vendor = first(fields, "Vendor ID").flatMap { $0.hasPrefix("0x") ? nil : Figure($0, source) }
    let model = first(fields, "Model name") ?? first(fields, "BIOS Model name") ?? first(fields, "Model")
    cpu.model = model.flatMap { Int($0) == nil ? Figure($0, source) : nil }
    let online = first(fields, "On-line CPU(s) list").flatMap { CPUSet(list: $0) }
    let threads = online?.count ?? count(fields, "CPU(s)")
    cpu.threads = threads.map { Figure($0, source) }
    cpu.allowed = online.map { Figure($0.list, source) }
    cpu.features = first(fields, "Flags").map { text in
      Figure(text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }, source)
    }
    let blocks = models(fields)
    describeCounts(blocks, threads, source, in: &cpu)
    let clocks = fields.filter { $0.key == "CPU max MHz" }.compactMap { megahertz($0.value) }
    cpu.megahertz = clocks.max().map { Figure($0, source) }
    if let fastest = cpu.kinds?.first { cpu.model = Figure(fastest.name, source) }
    cpu.caches = caches(fields, source)
    return cpu
  }

  /// Some languages write a comma in numbers.
  private static func megahertz(_ text: String) -> Double? {
    Double(MachineText.replacing(text, ",", with: ".")).flatMap { (1...1e5).contains($0) ? $0 : nil }
  }

  /// A machine with several kinds of cores has these fields once for each kind.
  private static func models(_ fields: Fields) -> [Fields] {
    let starts = fields.indices.filter {
      fields[$0].key == "Model name" || (fields[$0].key == "Vendor ID" && !fields.contains { $0.key == "Model name" })
    }
    guard starts.count > 1 else { return [fields] }
    return starts.enumerated().map { place, start in
      Array(fields[start..<(place + 1 < starts.count ? starts[place + 1] : fields.count)])
    }
  }

  private static func describeCounts(_ blocks: [Fields], _ threads: Int?, _ source: Source, in cpu: inout Processor) {
    var kinds: [CoreKind] = []
    var sockets = 0
    for block in blocks {
      // A kernel that knows no sockets (Arm before firmware told) groups cores by cluster.
      let groups =
        count(block, "Core(s) per socket") != nil
        ? count(block, "Socket(s)") : count(block, "Cluster(s)") ?? count(block, "Socket(s)")
      guard let each = count(block, "Core(s) per socket") ?? count(block, "Core(s) per cluster"), let groups else {
        continue
      }
      let cores = each * groups
      let own = cores * (count(block, "Thread(s) per core") ?? 1)
      kinds.append(
        CoreKind(
          name: first(block, "Model name", "BIOS Model name") ?? "kind \(kinds.count)", cores: Figure(cores, source),
          threads: Figure(own, source),
          megahertz: first(block, "CPU max MHz").flatMap(megahertz).map { Figure($0, source) }
        ))
      sockets = max(sockets, count(block, "Socket(s)") ?? 0)
    }
    let total = kinds.reduce(0) { $0 + ($1.cores?.value ?? 0) }
    if sockets > 0 { cpu.packages = Figure(sockets, source) }
    guard total > 0, threads.map({ total <= $0 }) ?? true else {
      // A hybrid machine's threads for each core are an average; its cores can't be had from it.
      if let threads, let each = blocks.first.flatMap({ count($0, "Thread(s) per core") }), each == 1 {
        cpu.cores = Figure(threads, source)
      }
      return
    }
    cpu.cores = Figure(total, source)
    guard kinds.count > 1 else { return }
    // The tool prints them in the order of the CPUs' numbers, which begin with the little cores on many chips.
    func order(_ kind: CoreKind) -> (Int, Double) { (ArmPart.rank(ofName: kind.name), kind.megahertz?.value ?? 0) }
    cpu.kinds = kinds.enumerated().sorted { a, b in
      order(a.element) == order(b.element) ? a.offset < b.offset : order(a.element) > order(b.element)
    }.map(\.element)
  }

  /// Makes an Arm core's numbers of its name, for what is told from them.
  private static func nameCore(_ fields: Fields, _ source: Source, in findings: inout Findings) {
    findings.evidence.names = [first(fields, "BIOS Model name"), first(fields, "BIOS Vendor ID")].compactMap { $0 }
    let vendor = findings.machine.cpu.vendor?.value
    if let designer = findings.machine.cpu.maker?.facts.implementer {
      findings.machine.cpu.implementer = Figure(designer, source)
    }
    guard first(fields, "Architecture")?.hasPrefix("a") ?? false, let vendor else { return }
    findings.machine.cpu.implementer = Figure(vendor.lowercased(), source)
    if let core = findings.machine.cpu.model.flatMap({ ArmPart.core(named: $0.value) }) {
      findings.evidence.implementer = core.implementer
      findings.evidence.part = core.part
      findings.machine.cpu.implementer = ArmPart.implementer(core.implementer).map { Figure($0, source) }
    }
  }

  private static func caches(_ fields: Fields, _ source: Source) -> [Cache]? {
    let kinds: [(String, Int, String)] = [
      ("L1d", 1, "data"), ("L1i", 1, "instruction"), ("L2", 2, "unified"), ("L3", 3, "unified"), ("L4", 4, "unified"),
    ]
    let caches = kinds.compactMap { name, level, type -> Cache? in
      // Since util-linux 2.34 the size is the sum of all instances: `64 MiB (2 instances)`.
      guard let text = first(fields, "\(name) cache", name), let open = text.firstIndex(of: "("),
        let count = Int(text[text.index(after: open)...].prefix { $0.isNumber }), count > 0,
        let bytes = sizeOfOne(MachineText.trimmed(text[..<open]), count)
      else { return nil }
      return Cache(level: level, type: type, bytes: Figure(bytes, source), count: Figure(count, source))
    }
    return caches.isEmpty ? nil : caches
  }

  /// The size of one of several caches whose sum is printed with one decimal: `5.3 MiB (112 instances)` is 48 KiB each.
  ///
  /// Of the whole KiB that round to the printed sum, the one that is the largest multiple of a power of two is meant.
  static func sizeOfOne(_ text: String, _ count: Int) -> ByteCount? {
    guard let total = ByteCount(parsing: text), total.bytes > 0, count > 0, let (value, _) = MachineText.number(text),
      value > 0
    else { return nil }
    // As printed: whole bytes are rounded already.
    let unit = max(1, (Double(total.bytes) / value).rounded())
    let half = text.contains(".") ? unit / 20 : 0.5
    let slack = 1e-6
    let low = Int(((value * unit - half) / Double(count) / 1024 - slack).rounded(.up))
    let high = Int(((value * unit + half) / Double(count) / 1024 + slack).rounded(.down))
    guard low > 0, low <= high, high - low < 1 << 20 else { return ByteCount(total.bytes / count) }
    let best = (low...high).max { a, b in
      let near = abs(a * count * 1024 - total.bytes) > abs(b * count * 1024 - total.bytes)
      return a.trailingZeroBitCount == b.trailingZeroBitCount ? near : a.trailingZeroBitCount < b.trailingZeroBitCount
    }
    return best.map { .kibibytes($0) }
  }

  private static func nodes(_ fields: Fields, _ source: Source) -> [NUMANode] {
    var nodes: [NUMANode] = []
    for (key, value) in fields where key.hasPrefix("NUMA node") {
      guard let id = Int(key.dropFirst(9).prefix { $0.isNumber }), id < CPUSet.limit, let set = CPUSet(list: value)
      else { continue }
      var node = NUMANode(id: id)
      node.cpus = Figure(set.list, source)
      nodes.append(node)
    }
    return nodes.sorted { $0.id < $1.id }
  }

  private static func virtualMachine(_ fields: Fields, _ source: Source) -> Figure<Bool>? {
    if first(fields, "Hypervisor vendor", "Hypervisor") != nil || first(fields, "Virtualization type") != nil {
      return Figure(true, source)
    }
    let flags = first(fields, "Flags")
    guard first(fields, "Architecture") == "x86_64", let flags else { return nil }
    return Figure(flags.contains(" hypervisor"), source)
  }
}

extension ArmPart {
  /// Returns the numbers of a core by its name.
  static func core(named name: String) -> (implementer: Int, part: Int)? {
    for implementer in [0x41, 0xc0, 0x48, 0x46, 0x51, 0x61, 0x4e, 0x43, 0x50, 0x6d, 0x70] {
      for part in 0..<0x1000 where self.name(implementer: implementer, part: part) == name {
        return (implementer, part)
      }
    }
    return nil
  }
}
