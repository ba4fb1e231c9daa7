import Foundation
public import Hardware
import Units

extension Profiles {
  /// Fills what a probe can't ask of the parts that the catalogue knows: bandwidth, peak rates, links, power.
  ///
  /// Nothing that the machine itself told is replaced. Each figure keeps the source of its entry, with the entry's name.
  public func completed(_ machine: Machine) -> Machine {
    var machine = machine
    let all = entries().filter { $0.shelf != .personal }.map { ($0, PartName.words(of: $0.name)) }
    var sheets: [String: Machine] = [:]
    func sheet(_ entry: Entry) -> Machine? {
      if let known = sheets[entry.path] { return known }
      let read = try? MachineProfile.read(file: entry.path)
      sheets[entry.path] = read
      return read
    }
    for index in machine.accelerators.indices where machine.accelerators[index].catalogue == nil {
      let device = machine.accelerators[index]
      // An instance of a card in slices has a share of it that only a measurement tells.
      guard let model = device.model?.value, !model.contains(" MIG "), device.sharesMemory != true else { continue }
      let words = PartName.words(of: PartName.product(model))
      let found = all.filter { $0.1 == words || $0.1.sorted().joined() == words.sorted().joined() }
      let matching = found.compactMap { entry, _ in sheet(entry).map { (entry, $0) } }.filter { _, sheet in
        // A card of two dies is two equal devices.
        Set(sheet.accelerators).count == 1 && Self.isNear(device.memoryBytes, sheet.accelerators[0].memoryBytes, 0.08)
      }
      guard matching.count == 1, let (entry, sheet) = matching.first else { continue }
      machine.accelerators[index].complete(from: sheet.accelerators[0], entry.name)
    }
    completeUnified(&machine, all.filter { $0.0.shelf == .machines }, sheet)
    completeProcessor(&machine, all.filter { $0.0.shelf == .processors }, sheet)
    return machine
  }

  private static func isNear(_ a: Figure<ByteCount>?, _ b: Figure<ByteCount>?, _ share: Double) -> Bool {
    guard let a = a?.value.bytes, let b = b?.value.bytes, b > 0 else { return false }
    return abs(Double(a - b)) <= share * Double(b)
  }

  /// A system whose processor and GPU share one memory: its bandwidth is soldered on.
  private func completeUnified(
    _ machine: inout Machine, _ entries: [(Entry, Set<String>)], _ sheet: (Entry) -> Machine?
  ) {
    guard machine.unifiedMemory?.value == true,
      let installed = machine.memory.installedBytes ?? machine.memory.totalBytes
    else { return }
    let names = [machine.system?.product, machine.cpu.model, machine.accelerators.first?.model].compactMap { $0?.value }
    let words = PartName.words(of: names.joined(separator: " "))
    let named = entries.filter { !$0.1.isEmpty && $0.1.isSubset(of: words) }
    // "apple-m4" is part of an M4 Max's name: the longest name is meant.
    let longest = named.map { $0.1.count }.max() ?? 0
    let candidates = named.filter { $0.1.count == longest }.compactMap { entry, _ in sheet(entry).map { (entry, $0) } }
    let count = max(1, machine.accelerators.count)
    let share = Figure(ByteCount(installed.value.bytes / count), installed.source)
    let fitting = candidates.filter { Self.isNear(share, $0.1.memory.installedBytes ?? $0.1.memory.totalBytes, 0.08) }
    guard fitting.count == 1, let (entry, found) = fitting.first else { return }
    if count == 1 { machine.memory.bandwidth.complete(found.memory.bandwidth, entry.name) }
    for index in machine.accelerators.indices where machine.accelerators[index].catalogue == nil {
      found.accelerators.first.map { machine.accelerators[index].complete(from: $0, entry.name) }
    }
    machine.forgetBandwidth()
  }

  /// A processor in sockets: its peak rates and power; its memory's peak only where all cores are there to use it.
  private func completeProcessor(
    _ machine: inout Machine, _ entries: [(Entry, Set<String>)], _ sheet: (Entry) -> Machine?
  ) {
    // The product's evidence names the very part, such as M128-30.
    let names = [
      machine.cpu.model?.value, machine.cpu.product?.value, machine.cpu.product?.source.detail,
      machine.system?.product?.value,
    ]
    let words = PartName.words(of: names.compactMap { $0 }.joined(separator: " "))
    let named = entries.filter { $0.1.count > 1 && $0.1.isSubset(of: words) || $0.1 == words }
    guard named.count == 1, let entry = named.first?.0, let found = sheet(entry) else { return }
    let packages = max(1, machine.cpu.packages?.value ?? 1)
    machine.cpu.watts.complete(found.cpu.watts.map { $0.map { $0 * Double(packages) } }, entry.name)
    if machine.cpu.teraOperationsPerSecond == nil {
      machine.cpu.teraOperationsPerSecond = found.cpu.teraOperationsPerSecond?.mapValues {
        $0.map { $0 * Double(packages) }.named(entry.name)
      }
    }
    let isWhole =
      machine.virtualMachine?.value != true && machine.cpuLimit == nil
      && machine.cpu.cores?.value == found.cpu.cores.map { $0.value * packages }
    guard isWhole, machine.memory.bandwidth == nil, machine.memory.channels?.populated == nil else { return }
    var peak = found.memory.bandwidth.map { $0.map { $0 * Double(packages) } }
    // The rate is the datasheet's; that every channel has a module of full speed nobody has looked at.
    peak?.source.kind = .assumed
    machine.memory.bandwidth.complete(peak, "\(entry.name), with a module on every channel")
    machine.forgetBandwidth()
  }
}

/// Names of parts as their makers, drivers and shops write them, brought to one form.
enum PartName {
  private static let noise: Set<String> = [
    "nvidia", "amd", "intel", "geforce", "tesla", "instinct", "radeon", "graphics", "generation", "gpu", "per",
    "edition",
    "corporation", "r", "tm", "hbm3", "hbm3e", "hbm2", "hbm2e", "oam", "data", "center", "jetson", "dgx", "spark",
    "t5000", "cpu", "processor", "habana", "quadro", "gb", "core", "platinum", "gold",
  ]

  /// True for a word that tells who made a part or what kind of thing it is, not which one.
  static func isNoise(_ word: String) -> Bool { noise.contains(word) }

  /// Returns the words that tell a product: no maker, no amount of memory, `sxm5` and `sxm` alike.
  static func words(of name: String) -> Set<String> {
    var words: [String] = []
    // What is in parentheses is a second name: "Gaudi 2 (HL-225)".
    let plain = name.lowercased().replacing("+", with: "plus").replacing("(r)", with: " ").replacing("(tm)", with: " ")
    for piece in plain.prefix(while: { $0 != "(" }).split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var word = String(piece)
      if word.hasPrefix("sxm") { word = "sxm" }
      if word == "ws" { word = "workstation" }
      if noise.contains(word) || isAmount(word) { continue }
      words.append(word)
    }
    // "Gaudi 2" and "gaudi2".
    if words.count == 2, words[0] == "gaudi" { words = ["gaudi" + words[1]] }
    var set = Set(words)
    // The system's name, where its chip's is not told.
    if plain.contains("dgx"), plain.contains("spark") { set.insert("gb10") }
    // Drivers name the form of the others only.
    let boards: Set = ["h100", "h200", "b200", "b300"]
    if !set.isDisjoint(with: boards), set.isDisjoint(with: ["pcie", "nvl", "sxm"]) { set.insert("sxm") }
    return set
  }

  /// Lists of PCI devices name the chip, and the product in brackets: `GA102 [GeForce RTX 3090]`.
  static func product(_ name: String) -> String {
    guard let open = name.firstIndex(of: "["), let close = name[open...].firstIndex(of: "]") else { return name }
    return String(name[name.index(after: open)..<close])
  }

  /// `80gb`, and `40core` of an Apple chip's GPU.
  private static func isAmount(_ word: String) -> Bool {
    for unit in ["gb", "gib", "core", "cores"] where word.hasSuffix(unit) {
      if Int(word.dropLast(unit.count)) != nil { return true }
    }
    return false
  }
}

extension Accelerator {
  /// Takes from a datasheet what the device itself did not tell.
  fileprivate mutating func complete(from sheet: Accelerator, _ entry: String) {
    catalogue = entry
    // A datasheet's rate goes before one that was worked out from clocks; of a part of a card it is that part's share.
    let share = partition?.memoryShare ?? 1
    if bandwidth?.source.kind == .computed, sheet.bandwidth != nil { bandwidth = nil }
    bandwidth.complete(sheet.bandwidth.map { $0.map { $0 * share } }, entry)
    architecture.complete(sheet.architecture, entry)
    interconnectGigabytesPerSecond.complete(sheet.interconnectGigabytesPerSecond, entry)
    interconnectDevices.complete(sheet.interconnectDevices, entry)
    hostGigabytesPerSecond.complete(sheet.hostGigabytesPerSecond, entry)
    watts.complete(sheet.watts, entry)
    if teraOperationsPerSecond == nil {
      teraOperationsPerSecond = sheet.teraOperationsPerSecond?.mapValues { $0.named(entry) }
    }
  }
}

extension Machine {
  /// The bandwidth is known now, if only from a document.
  fileprivate mutating func forgetBandwidth() {
    if memory.bandwidth != nil { unknowns.removeAll { $0.fact == "memory.bandwidth" } }
  }
}

extension Figure {
  /// The same figure, its source with the name of the entry that it is from.
  fileprivate func named(_ entry: String) -> Figure {
    var figure = self
    figure.source.detail = "catalogue \(entry): \(source.detail)"
    return figure
  }
}

extension Optional {
  /// Takes a datasheet's figure where there is none.
  fileprivate mutating func complete<Value>(_ figure: Figure<Value>?, _ entry: String) where Wrapped == Figure<Value> {
    if self == nil { self = figure?.named(entry) }
  }
}
