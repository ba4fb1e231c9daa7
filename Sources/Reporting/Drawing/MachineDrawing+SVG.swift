import Hardware
import Units

extension MachineDrawing {
  private static let width = 800.0
  private static let margin = 10.0
  /// The most cores that are drawn one by one; more are told in words.
  private static let mostCores = 512

  /// The drawing as an SVG document of its own, 800 pixels wide, readable in light and dark surroundings.
  public func svg() -> String {
    var svg = SVG()
    let sheet = sheet
    var bottom = Self.margin + sheet.draw(&svg, x: Self.margin, y: Self.margin, width: Self.width - 2 * Self.margin)
    bottom = drawLegend(&svg, bottom + 6)
    bottom = drawLinks(&svg, bottom)
    let size = "\(number(Self.width))\" height=\"\(number(bottom + Self.margin))"
    return [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(Self.width)) \(number(bottom + Self.margin))\" "
        + "width=\"\(size)\" font-family=\"system-ui, Helvetica, Arial, sans-serif\" role=\"img\">",
      "<title>\(escaped("Topology of \(machine.name)"))</title>",
      "<style>.h{font-size:12px;font-weight:600;fill:#1b1f24}.d{font-size:11px;fill:#3d4653}</style>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>", svg.body, "</svg>",
    ].joined(separator: "\n")
  }

  // MARK: - boxes

  private var sheet: DrawnBox {
    let count = machine.cpu.packages.flatMap { $0.value > 1 ? "\($0.value) \u{D7}" : nil }
    let processor = [count, processorName].compactMap { $0 }.joined(separator: " ")
    var box = DrawnBox(
      .sheet, machine.name,
      [machine.system?.fullName, processor, machine.memory.totalBytes.map { "\($0.value) of memory" }])
    let nodes = machine.numaNodes.filter { !isEmpty($0) }
    guard nodes.count > 1 else {
      box.children = [whole]
      return box
    }
    let shown = Array(nodes.prefix(16))
    let packages = NodePackages.groups(of: shown, in: machine)
    if packages.isEmpty {
      box.children = shown.map(node)
    } else {
      box.children = packages.enumerated().map { number, nodes in
        var package = DrawnBox(.switched, "Package \(number)", [processorName])
        package.children = nodes.map(node)
        package.columns = 2
        return package
      }
    }
    if nodes.count > shown.count {
      box.children.append(DrawnBox(.memory, "and \(nodes.count - shown.count) more nodes"))
    }
    let loose = devices { index in !nodes.contains { $0.id == machine.accelerators[index].numaNode?.value } }
    let nics = networks { card in !nodes.contains { $0.id == card.numaNode?.value } }
    if !loose.isEmpty || !nics.isEmpty {
      var rest = DrawnBox(.switched, "on no node that is known")
      rest.children = loose + nics
      rest.columns = 2
      box.children.append(rest)
    }
    box.columns = packages.isEmpty ? 2 : 1
    return box
  }

  /// What the processor is called: its product or model, else what its cores are.
  private var processorName: String? {
    let cpu = machine.cpu
    if let product = cpu.product?.value { return product }
    let kinds = (cpu.kinds ?? []).compactMap { kind in kind.cores.map { "\($0.value) \u{D7} \(kind.name)" } }
    // A processor of several kinds has no name but that of one of them.
    let isKind = cpu.kinds?.contains { $0.name == cpu.model?.value } ?? false
    return kinds.count > 1 && isKind ? kinds.joined(separator: " and ") : cpu.model?.value
  }

  /// A node without CPUs and memory, of which some systems keep dozens for later use.
  private func isEmpty(_ node: NUMANode) -> Bool {
    (node.memoryBytes?.value ?? .zero) == .zero && (node.cpus?.value.isEmpty ?? true)
  }

  /// A machine of one memory: processor and devices beside each other on it.
  private var whole: DrawnBox {
    let isUnified = machine.unifiedMemory?.value == true
    var box = memoryBox(
      isUnified ? "Unified memory" : "Memory", machine.memory.totalBytes?.value, machine.memory.bandwidth?.value,
      [machine.memory.type?.value, machine.memory.channels?.populated.map { "\($0.value) channels" }])
    let processors = packages.isEmpty ? [processor(nil)] : packages
    let others = devices { _ in true }
    if processors.count + others.count <= 2 {
      box.children = processors + others
      box.columns = box.children.count
    } else {
      // The processors on a row of their own, the devices below them.
      box.children = [DrawnBox(beside: processors, columns: min(4, processors.count))]
      if !others.isEmpty {
        var grid = DrawnBox(.memory, others.count == 1 ? "" : "\(machine.accelerators.count) accelerators")
        grid.children = others
        grid.columns = min(4, others.count)
        box.children.append(grid)
      }
    }
    let nics = networks { _ in true }
    if !nics.isEmpty {
      var grid = DrawnBox(.switched, "Network")
      grid.children = nics
      grid.columns = min(4, nics.count)
      box.children.append(grid)
      box.columns = 1
    }
    return box
  }

  /// One box for each package of a machine whose memory nodes are not known, or are one.
  private var packages: [DrawnBox] {
    let cpu = machine.cpu
    guard let count = cpu.packages?.value, (2...8).contains(count) else { return [] }
    func each(_ all: Int?, _ word: String) -> String? {
      all.flatMap { $0 % count == 0 ? "\($0 / count) \(word)" : nil }
    }
    let counts = [each(cpu.cores?.value, "cores"), each(cpu.threads?.value, "threads")].compactMap { $0 }
    return (0..<count).map { number in
      var box = DrawnBox(
        .processor, "Package \(number)",
        [cpu.product?.value ?? cpu.model?.value, counts.joined(separator: ", ")])
      if let cores = cpu.cores?.value, cores % count == 0, cores <= Self.mostCores {
        box.cores = [Int](repeating: 0, count: cores / count)
      }
      return box
    }
  }

  private func memoryBox(_ title: String, _ bytes: ByteCount?, _ rate: Double?, _ more: [String?]) -> DrawnBox {
    let parts = [bytes.map { "\($0)" } ?? "amount unknown", rate.map { self.rate($0) }] + more
    return DrawnBox(.memory, title, [parts.compactMap { $0 }.joined(separator: " \u{B7} ")])
  }

  private func node(_ node: NUMANode) -> DrawnBox {
    let kind = node.kind.flatMap { $0.value == "unknown" ? nil : $0.value.uppercased() }
    var box = memoryBox(
      "NUMA node \(node.id)", node.memoryBytes?.value, node.bandwidth?.value,
      [kind, node.isAllowed?.value == false ? "out of reach" : nil])
    if let cpus = node.cpus?.value, !cpus.isEmpty { box.children.append(processor(cpus)) }
    let own = machine.accelerators.indices.filter { machine.accelerators[$0].numaNode?.value == node.id }
    let cards = machine.networks.filter { $0.numaNode?.value == node.id }
    // Many cards have a switch of their own on board: one that nothing else hangs on joins nothing.
    let all = own.compactMap { machine.accelerators[$0].pciSwitch?.value } + cards.compactMap(\.pciSwitch?.value)
    let switches = Dictionary(grouping: all) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    for name in switches {
      var box2 = DrawnBox(.switched, "PCIe switch \(name)")
      box2.children =
        own.filter { machine.accelerators[$0].pciSwitch?.value == name }.map(accelerator)
        + cards.filter { $0.pciSwitch?.value == name }.map(network)
      box2.columns = 2
      box.children.append(box2)
    }
    var direct = DrawnBox(.memory, "")
    direct.children =
      own.filter { !switches.contains(machine.accelerators[$0].pciSwitch?.value ?? "") }.map(accelerator)
      + cards.filter { !switches.contains($0.pciSwitch?.value ?? "") }.map(network)
    direct.columns = 2
    if !direct.children.isEmpty { box.children += pairs(direct.children) }
    return box
  }

  /// Boxes two abreast without a frame around them.
  private func pairs(_ boxes: [DrawnBox]) -> [DrawnBox] {
    guard boxes.count > 1 else { return boxes }
    var grid = DrawnBox(.switched, "PCIe")
    grid.children = boxes
    grid.columns = 2
    return [grid]
  }

  private func processor(_ cpus: String?) -> DrawnBox {
    let cpu = machine.cpu
    let set = cpus.flatMap { CPUSet(list: $0) }
    let single = cpu.coreCPUs.flatMap { CPUSet(list: $0.value) }
    let cores =
      set.flatMap { set in single.map { $0.intersection(set).count } } ?? (cpus == nil ? cpu.cores?.value : nil)
    let threads = set?.count ?? cpu.threads?.value
    let known = [cores.map { "\($0) cores" }, threads.map { "\($0) threads" }].compactMap { $0 }
    let counts = known.isEmpty ? "cores unknown" : known.joined(separator: ", ")
    var kinds: [Int] = []
    var words: [String] = []
    let name = processorName ?? "Processor"
    for (place, kind) in (cpu.kinds ?? []).enumerated() where cpus == nil {
      guard let count = kind.cores?.value else { continue }
      kinds += [Int](repeating: place, count: min(count, Self.mostCores + 1))
      words.append("\(count) \(kind.name)")
    }
    let caches = (cpu.caches ?? []).filter { $0.level >= 2 && cpus == nil }.map { cache in
      "L\(cache.level) \(cache.count.value) \u{D7} \(cache.bytes.value)"
    }
    var box = DrawnBox(
      .processor, cpus.map { "CPUs \($0)" } ?? name,
      [
        counts, words.count > 1 && !name.contains("\u{D7}") ? words.joined(separator: ", ") : nil,
        caches.joined(separator: ", "),
      ])
    // Part of the cores would look like all of them.
    let all = kinds.isEmpty ? [Int](repeating: 0, count: min(cores ?? 0, Self.mostCores + 1)) : kinds
    box.cores = all.count > Self.mostCores ? [] : all
    return box
  }

  private func devices(where isShown: (Int) -> Bool) -> [DrawnBox] {
    let all = machine.accelerators.indices.filter(isShown)
    let shown = all.prefix(32).map(accelerator)
    return all.count > 32 ? shown + [DrawnBox(.accelerator, "and \(all.count - 32) more")] : shown
  }

  private func networks(where isShown: (NetworkDevice) -> Bool) -> [DrawnBox] {
    machine.networks.filter(isShown).prefix(16).map(network)
  }

  private func accelerator(_ index: Int) -> DrawnBox {
    let device = machine.accelerators[index]
    let memory = device.sharesMemory == true ? "shares the memory" : device.memoryBytes.map { "\($0.value)" }
    let rates = device.sharesMemory == true ? nil : device.bandwidth.map { rate($0.value) }
    return DrawnBox(
      .accelerator, "gpu\(index)",
      [device.productName, [memory, rates].compactMap { $0 }.joined(separator: " \u{B7} "), device.address?.value])
  }

  private func network(_ card: NetworkDevice) -> DrawnBox {
    let speed = card.gigabytesPerSecond.map { "\(($0.value * 8).formatted(significant: 3)) Gbit/s" }
    return DrawnBox(
      .network, card.names.prefix(4).joined(separator: ", "),
      [card.isFabric ? "InfiniBand or RoCE" : "Ethernet", speed, card.address?.value])
  }

  // MARK: - below the boxes

  private func drawLegend(_ svg: inout SVG, _ y: Double) -> Double {
    let kinds = machine.cpu.kinds ?? []
    guard kinds.count > 1 else { return y }
    var x = Self.margin
    for (place, kind) in kinds.prefix(DrawnBox.coreColors.count).enumerated() {
      svg.rectangle(x: x, y: y + 4, width: 9, height: 9, [("fill", DrawnBox.coreColors[place])])
      svg.text(kind.name, x: x + 14, y: y + 13, style: "d")
      x += 30 + DrawnText(size: 11).width(kind.name)
    }
    return y + 22
  }

  private func drawLinks(_ svg: inout SVG, _ y: Double) -> Double {
    var bottom = y
    let links = MachineLinks(machine)
    for line in links.sentences.flatMap({ DrawnText(size: 11).lines($0, room: Self.width - 2 * Self.margin) }) {
      bottom += 15
      svg.text(line, x: Self.margin, y: bottom, style: "d")
    }
    guard let matrix = links.matrix else { return bottom + 4 }
    let cell = min(84, (Self.width - 2 * Self.margin) / Double(matrix.count + 1))
    bottom += 8
    for (row, cells) in ([[""] + matrix.indices.map { "gpu\($0)" }] + matrix.enumerated().map { ["gpu\($0)"] + $1 })
      .enumerated()
    {
      for (column, text) in cells.enumerated() {
        let isHead = row == 0 || column == 0
        let x = Self.margin + Double(column) * cell
        svg.rectangle(
          x: x, y: bottom, width: cell, height: 18,
          [("fill", isHead ? "#eceff3" : text.isEmpty ? "#ffffff" : "#eef6ee"), ("stroke", "#c4cad3")])
        svg.text(text, x: x + cell / 2, y: bottom + 13, anchor: "middle", style: isHead ? "h" : "d")
      }
      bottom += 18
    }
    return bottom + 4
  }
}
