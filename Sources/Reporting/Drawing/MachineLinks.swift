import Hardware
import Units

/// The links between accelerators in the shortest form that tells all: a sentence where all are alike, else a matrix.
struct MachineLinks {
  /// One line for each group of links that are alike.
  var sentences: [String] = []
  /// One text for each pair of accelerators, in their order; nil where sentences tell everything.
  var matrix: [[String]]?

  /// The most accelerators that a matrix is made for.
  private static let mostColumns = 9

  init(_ machine: Machine) {
    let count = machine.accelerators.count
    let names = Dictionary(uniqueKeysWithValues: (0..<count).map { ("gpu\($0)", $0) })
    var between: [(a: Int, b: Int, text: String)] = []
    var others: [Link] = []
    for link in machine.links {
      if let a = names[link.a], let b = names[link.b] {
        between.append((a, b, Self.text(link)))
      } else {
        others.append(link)
      }
    }
    tell(between, count)
    tell(others, count)
    if machine.links.isEmpty, let promise = Self.promise(machine.accelerators) { sentences.append(promise) }
  }

  /// What the datasheet says of accelerators whose links nobody listed; nil where it says nothing, or not of all alike.
  ///
  /// A bridge between two cards is sold apart, so that a card made for one may have none.
  private static func promise(_ devices: [Accelerator]) -> String? {
    guard devices.count > 1, let first = devices.first, let kind = first.interconnect?.value, kind != .pcie,
      let rate = first.interconnectGigabytesPerSecond?.value, rate > 0,
      devices.allSatisfy({ device in
        device.interconnect?.value == kind && device.interconnectGigabytesPerSecond?.value == rate
          && device.interconnectDevices == nil
      })
    else { return nil }
    return
      "\(title(of: kind)), by the datasheet: \(rate.formatted(significant: 3)) GB/s in one direction for each of the "
      + "\(devices.count) accelerators"
  }

  private static func text(_ link: Link) -> String {
    let rate = link.gigabytesPerSecond.map { " \($0.value.formatted(significant: 3))" } ?? ""
    return "\(title(of: link.kind))\(rate)"
  }

  private static func title(of kind: LinkKind) -> String {
    switch kind {
    case .nvlink: "NVLink"
    case .nvswitch: "NVSwitch"
    case .xgmi: "xGMI"
    case .xelink: "Xe Link"
    case .roce: "RoCE"
    case .pcie: "PCIe"
    }
  }

  /// Links between pairs: every pair alike is a sentence, few devices are a matrix, many are lists.
  private mutating func tell(_ pairs: [(a: Int, b: Int, text: String)], _ count: Int) {
    guard !pairs.isEmpty else { return }
    let kinds = Set(pairs.map(\.text))
    if let one = kinds.first, kinds.count == 1,
      Set(pairs.map { [$0.a, $0.b].sorted() }).count == count * (count - 1) / 2
    {
      sentences.append(
        count == 2
          ? "gpu0 and gpu1: \(one)\(Self.unit(one))" : "all \(count) accelerators, each pair: \(one)\(Self.unit(one))")
    } else if count <= Self.mostColumns {
      var cells = [[String]](repeating: [String](repeating: "", count: count), count: count)
      for pair in pairs {
        for (row, column) in [(pair.a, pair.b), (pair.b, pair.a)] {
          cells[row][column] = cells[row][column].isEmpty ? pair.text : cells[row][column]
        }
      }
      matrix = cells
      sentences.append("Links between accelerators, GB/s in one direction:")
    } else {
      for (text, group) in Dictionary(grouping: pairs, by: \.text).sorted(by: { $0.key < $1.key }) {
        let shown = group.prefix(6).map { "gpu\($0.a)-gpu\($0.b)" }.joined(separator: " ")
        sentences.append("\(text)\(Self.unit(text)): \(shown)\(group.count > 6 ? " and \(group.count - 6) more" : "")")
      }
    }
  }

  private static func unit(_ text: String) -> String { text.contains(" ") ? " GB/s" : "" }

  /// Links to switches, nodes and processors.
  private mutating func tell(_ links: [Link], _ count: Int) {
    for (text, group) in Dictionary(grouping: links, by: Self.text).sorted(by: { $0.key < $1.key }) {
      let ends = Set(group.flatMap { [$0.a, $0.b] })
      let isAll =
        count > 1 && (0..<count).allSatisfy { ends.contains("gpu\($0)") } && ends.contains { $0.hasPrefix("nvswitch") }
      // Several links to switches act as one: six of 25 GB/s make 150.
      let counts = Set((0..<count).map { number in group.count { $0.a == "gpu\(number)" || $0.b == "gpu\(number)" } })
      let each = isAll && counts.count == 1 ? counts.first ?? 1 : 1
      let times = each > 1 ? "\(each) \u{D7} " : ""
      let shown = group.prefix(6).map { "\($0.a)-\($0.b)" }.joined(separator: " ")
      let list = "\(shown)\(group.count > 6 ? " and \(group.count - 6) more" : "")"
      sentences.append("\(times)\(text)\(Self.unit(text)): \(isAll ? "each of the \(count) accelerators" : list)")
    }
  }
}
