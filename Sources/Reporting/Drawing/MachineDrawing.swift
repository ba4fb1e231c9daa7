public import Hardware
import Units

/// The topology of a machine as nested boxes, in the manner of lstopo: packages or memory nodes, the caches and cores in
/// them, the accelerators beside their node, and the links between them.
public struct MachineDrawing: Sendable {
  /// A box with a title, a line of text below it, and boxes inside.
  struct Box: Hashable {
    enum Role: Hashable { case machine, node, memory, cores, accelerator, cache }

    var role: Role
    var title: String
    var detail: String
    var children: [Box] = []
  }

  let machine: Machine

  public init(_ machine: Machine) {
    self.machine = machine
  }

  /// The most boxes of one kind that are drawn; more are counted in words.
  private static let limit = 16

  /// The boxes, outermost first; both forms draw these same ones.
  var root: Box {
    let total = machine.memory.totalBytes.map { "\($0.value)" } ?? "memory unknown"
    let model = machine.cpu.model?.value ?? "processor unknown"
    var root = Box(role: .machine, title: machine.name, detail: "\(model), \(total)")
    let nodes = machine.numaNodes
    if nodes.count > 1 {
      root.children = nodes.prefix(Self.limit).map(node)
      if nodes.count > Self.limit { root.children.append(more(nodes.count - Self.limit, "nodes")) }
    } else {
      root.children = [cores(nil)] + caches
    }
    let placed = Set(nodes.map(\.id))
    let loose = machine.accelerators.indices.filter { index in
      nodes.count < 2 || machine.accelerators[index].numaNode.map { !placed.contains($0.value) } ?? true
    }
    root.children += loose.prefix(Self.limit).map(accelerator)
    if loose.count > Self.limit { root.children.append(more(loose.count - Self.limit, "accelerators")) }
    return root
  }

  private func more(_ count: Int, _ what: String) -> Box {
    Box(role: .cache, title: "and \(count) more \(what)", detail: "")
  }

  private func node(_ node: NUMANode) -> Box {
    var parts = [node.memoryBytes.map { "\($0.value)" }, node.bandwidth.map { rate($0.value) }].compactMap { $0 }
    if let kind = node.kind?.value, kind != "unknown" { parts.append(kind) }
    var box = Box(role: .node, title: "NUMA node \(node.id)", detail: parts.joined(separator: ", "))
    if let cpus = node.cpus?.value, !cpus.isEmpty { box.children.append(cores(cpus)) }
    let own = machine.accelerators.indices.filter { machine.accelerators[$0].numaNode?.value == node.id }
    box.children += own.prefix(Self.limit).map(accelerator)
    if own.count > Self.limit { box.children.append(more(own.count - Self.limit, "accelerators")) }
    let cards = machine.networks.filter { $0.numaNode?.value == node.id }.compactMap(\.names.first)
    if !cards.isEmpty {
      box.children.append(Box(role: .cache, title: "network", detail: cards.joined(separator: ", ")))
    }
    return box
  }

  private func cores(_ cpus: String?) -> Box {
    if let cpus { return Box(role: .cores, title: "CPUs \(cpus)", detail: "") }
    let cores = machine.cpu.cores?.value ?? machine.cpu.threads?.value
    var box = Box(
      role: .cores, title: cores.map { "\($0) cores" } ?? "cores unknown",
      detail: machine.cpu.threads.map { "\($0.value) threads" } ?? "")
    box.children = (machine.cpu.kinds ?? []).map { kind in
      Box(role: .cores, title: kind.name, detail: kind.cores.map { "\($0.value) cores" } ?? "")
    }
    return box
  }

  private var caches: [Box] {
    let shared = (machine.cpu.caches ?? []).filter { $0.level >= 2 }
    return shared.map { Box(role: .cache, title: "L\($0.level)", detail: "\($0.count.value) x \($0.bytes.value)") }
  }

  private func accelerator(_ index: Int) -> Box {
    let device = machine.accelerators[index]
    let memory = device.sharesMemory == true ? "shared memory" : device.memoryBytes.map { "\($0.value)" }
    let parts = [memory, device.bandwidth.map { rate($0.value) }].compactMap { $0 }
    return Box(role: .accelerator, title: "gpu\(index) \(device.productName)", detail: parts.joined(separator: ", "))
  }

  func rate(_ bytesPerSecond: Double) -> String {
    "\((bytesPerSecond / 1e9).formatted(significant: 3)) GB/s"
  }

  /// Links between accelerators and their switches, in words, for below the boxes.
  var linkLines: [String] {
    let links = MachineLinks(machine)
    guard let matrix = links.matrix else { return links.sentences }
    var table = TextTable([""] + matrix.indices.map { ">gpu\($0)" })
    for (index, row) in matrix.enumerated() { table.add(["gpu\(index)"] + row) }
    return links.sentences + [table.rendered()]
  }

  // MARK: - terminal

  /// The drawing for a terminal of some width.
  public func text(width: Int = 100) -> String {
    let inside = max(40, min(width, 160))
    return (drawn(root, inside) + linkLines).joined(separator: "\n")
  }

  private func head(_ box: Box) -> String { box.detail.isEmpty ? box.title : "\(box.title): \(box.detail)" }

  private func drawn(_ box: Box, _ width: Int) -> [String] {
    let room = width - 4
    var lines = ["+" + String(repeating: "-", count: width - 2) + "+"]
    lines += words(head(box), room).map { "| \($0) |" }
    // What stands in a node is a line of it: a border around each would fill the screen.
    let isFlat = box.role == .node
    if isFlat { lines += box.children.flatMap { words(head($0), room) }.map { "| \($0) |" } }
    for row in isFlat ? [] : rows(box.children, room) {
      let columns = row.map { drawn($0, room / row.count) }
      let height = columns.map(\.count).max() ?? 0
      for line in 0..<height {
        let cells = columns.map { column in
          line < column.count ? column[line] : String(repeating: " ", count: room / row.count)
        }
        lines.append("| \(fit(cells.joined(), room)) |")
      }
    }
    lines.append("+" + String(repeating: "-", count: width - 2) + "+")
    return lines
  }

  /// A text over as many lines as it takes, those after the first set in.
  private func words(_ text: String, _ room: Int) -> [String] {
    Prose.wrapped(text, to: room, indent: 2).split(separator: "\n").map { fit(String($0), room) }
  }

  /// Boxes without boxes of their own, and nodes, stand beside each other where there is room.
  private func rows(_ boxes: [Box], _ width: Int) -> [[Box]] {
    var rows: [[Box]] = []
    for box in boxes {
      // Heads are told in full where the terminal is wide enough for one of them.
      let longest = boxes.filter { $0.role == box.role }.map { head($0).count }.max() ?? 0
      let isFlat = box.children.isEmpty || box.role == .node
      let each = max(1, width / (box.role == .node ? 36 : max(34, longest + 4)))
      let fits = isFlat && (rows.last?.allSatisfy { $0.role == box.role } ?? false)
      if fits, let count = rows.last?.count, count < each {
        rows[rows.count - 1].append(box)
      } else {
        rows.append([box])
      }
    }
    return rows
  }

  private func fit(_ text: String, _ width: Int) -> String {
    let short = text.count > width ? String(text.prefix(max(0, width - 2))) + ".." : text
    return short + String(repeating: " ", count: max(0, width - short.count))
  }
}
