import Fixtures
import Foundation
import Hardware
import Testing
import Units

@testable import Profiles

/// What a probe reads of a part or a computer leads to the figures of its entry, and to no other's.
@Suite struct DriverNamesTests {
  private let profiles = Shipped.profiles

  /// The entries that have a name, in the catalogue's own form of it.
  private func entries(having name: String) -> [String] {
    let key = NameWords(name).key
    return profiles.namedEntries().filter { $0.name.key == key || $0.aliases.contains { $0.key == key } }
      .map(\.entry.name)
  }

  private func isDeviceNumber(_ alias: String) -> Bool {
    let parts = alias.split(separator: ":")
    return parts.count == 2 && parts.allSatisfy { $0.count == 4 && Int($0, radix: 16) != nil }
  }

  /// The entry that a figure was taken from.
  private func entry(of source: Source?) -> String? {
    guard let detail = source?.detail, detail.hasPrefix("catalogue ") else { return nil }
    return String(detail.dropFirst("catalogue ".count).prefix { $0 != ":" && $0 != "," })
  }

  /// A machine with one card that a driver calls so, as far as a probe sees it.
  private func machine(like sheet: Accelerator, called name: String) -> Machine {
    var machine = Machine(name: "test")
    var device = Accelerator(vendor: sheet.vendor)
    if isDeviceNumber(name) {
      device.pciDevice = Figure(name, .probed, "test")
    } else {
      device.model = Figure(name, .probed, "test")
    }
    device.memoryBytes = sheet.usableBytes ?? sheet.memoryBytes
    device.sharesMemory = sheet.sharesMemory
    machine.accelerators = [device]
    return machine
  }

  /// Each card by its names and its PCI device numbers, with the memory that its driver reports.
  @Test func everyCardIsReachedByItsNamesAndByNoOthers() throws {
    for named in profiles.namedEntries() where named.entry.shelf == .accelerators {
      let sheet = try profiles.machine(named.entry).accelerators[0]
      for alias in named.header.aliases {
        let sharers = entries(having: alias)
        let found = profiles.completed(machine(like: sheet, called: alias)).accelerators[0]
        if sharers.count == 1 {
          #expect(found.catalogue == named.entry.name, "\(alias)")
        } else {
          #expect(found.catalogue.map { sharers.contains($0) } == true, "\(alias): \(found.catalogue ?? "none")")
        }
        #expect(found.model != nil, "\(alias)")
      }
    }
  }

  /// What any of a maker's parts is called (`AMD Radeon Graphics`) tells none of them.
  @Test func noNameIsOnlyAMakers() {
    for named in profiles.namedEntries() {
      #expect(named.aliases.allSatisfy { !$0.key.isEmpty }, "\(named.entry.name)")
    }
  }

  /// A name that several entries share asks which, where none of them has it as its own.
  @Test func aSharedNameAsksWhich() {
    let names = Set(profiles.namedEntries().flatMap { $0.header.aliases })
    for name in names {
      let words = NameWords(name).words
      let called = profiles.namedEntries().filter { $0.aliases.contains { $0.words == words } }
      let own = called.filter { $0.name.answer(NameWords(name)) == .same }
      guard called.count > 1, own.count != 1, !profiles.namedEntries().contains(where: { $0.name.words == words })
      else {
        continue
      }
      let error = #expect(throws: ProfileError.self, "\(name)") { try profiles.entry(named: name) }
      guard case .ambiguous(_, let choices) = error else { continue }
      let expected = own.isEmpty ? called : own
      #expect(
        Set(choices) == Set(expected.map(\.entry.name)) || Set(choices) == Set(called.map(\.entry.name)), "\(name)")
    }
  }

  /// The name, the device number and the memory together tell cards apart that share one of them.
  @Test(
    arguments: [
      ("AMD Instinct MI250X / MI250", "1002:7408", 65520, "mi250x"),
      ("AMD Instinct MI250X / MI250", "1002:740c", 65520, "mi250"),
      (nil, "10de:2882", 8188, "rtx-4060"), (nil, "1002:744c", 24560, "rx-7900-xtx"),
      (nil, "1002:744c", 20464, "rx-7900-xt"),
      // A name that the catalogue does not have, as an engineering sample's.
      ("Device 3182", "10de:3182", 275040, "b300-sxm-288gb"),
      // Another memory than any card of this number has.
      (nil, "10de:2882", 16380, nil),
    ] as [(String?, String, Int, String?)])
  func whatIsKnownTogetherTells(model: String?, number: String, mebibytes: Int, entry: String?) {
    var machine = Machine(name: "test")
    let maker = number.hasPrefix("10de") ? "NVIDIA" : "AMD"
    var device = Accelerator(
      vendor: Figure(Maker(maker), .probed, "test"), model: model.map { Figure($0, .probed, "test") })
    device.pciDevice = Figure(number, .probed, "test")
    device.memoryBytes = Figure(.mebibytes(mebibytes), .probed, "test")
    machine.accelerators = [device]
    #expect(profiles.completed(machine).accelerators[0].catalogue == entry)
  }

  /// A computer whose processor and GPU share one memory, by what it, its chip or its GPU is called, and by its memory.
  @Test func everyComputerWithOneMemoryIsReachedByItsNames() throws {
    for named in profiles.namedEntries() where named.entry.shelf == .machines {
      let sheet = try profiles.machine(named.entry)
      guard sheet.unifiedMemory?.value == true, sheet.accelerators.count == 1, let rate = sheet.memory.bandwidth?.value,
        let installed = sheet.memory.installedBytes ?? sheet.memory.totalBytes
      else { continue }
      for alias in [named.entry.name] + named.header.aliases where !isDeviceNumber(alias) {
        var machine = Machine(name: "test")
        machine.unifiedMemory = Figure(true, .computed, "test")
        machine.system = SystemIdentity(product: Figure(alias, .probed, "test"))
        machine.memory.totalBytes = installed.map { $0.scaled(by: 0.96) }
        let found = profiles.completed(machine).memory.bandwidth
        let sharers = entries(having: alias)
        if sharers.count == 1 {
          #expect(found?.value == rate, "\(alias) of \(named.entry.name): \(found?.source.detail ?? "none")")
        } else {
          #expect(
            entry(of: found?.source).map { sharers.contains($0) } == true && (found?.value ?? .infinity) <= rate,
            "\(alias) of \(named.entry.name): \(found?.source.detail ?? "none")")
        }
      }
    }
  }

  /// A processor by the name that it tells of itself.
  @Test func everyProcessorIsReachedByItsNames() throws {
    for named in profiles.namedEntries() where named.entry.shelf == .processors {
      let sheet = try profiles.machine(named.entry)
      for alias in named.header.aliases where sheet.cpu.watts != nil {
        var machine = Machine(name: "test")
        machine.cpu.model = Figure(alias, .probed, "test")
        let found = profiles.completed(machine).cpu.watts
        let sharers = entries(having: alias)
        // Which of several is meant nothing tells.
        let expected = sharers.count == 1 ? named.entry.name : nil
        #expect(entry(of: found?.source) == expected, "\(alias) of \(named.entry.name)")
      }
    }
  }

  /// Every name that a maker's driver or tool was seen to print.
  @Test(.enabled(if: SharedData.has("hardware-facts.jsonl"), "needs the shared facts"))
  func everyNameThatWasSeenLeadsToItsEntry() throws {
    struct Fact: Decodable {
      var id: String
      var aliases: [String: Names]?
      var memoryMebibytes: Double?
      enum CodingKeys: String, CodingKey {
        case id, aliases
        case memoryMebibytes = "memory_reported_mib"
      }
    }
    enum Names: Decodable {
      case some([String])
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
          self = .some([one])
        } else {
          self = .some(((try? container.decode([String?].self)) ?? []).compactMap { $0 })
        }
      }
      var all: [String] { if case .some(let names) = self { names } else { [] } }
    }
    var facts: [String: Fact] = [:]
    for file in ["hardware-facts.jsonl", "hardware-facts-2.jsonl"] {
      let text = try String(contentsOfFile: "\(SharedData.root ?? "")/\(file)", encoding: .utf8)
      for line in text.split(separator: "\n") {
        let fact = try JSONDecoder().decode(Fact.self, from: Data(line.utf8))
        facts[fact.id] = fact
      }
    }
    let tools = ["nvidia_smi", "rocm_smi", "level_zero", "hl_smi", "pci_id"]
    var count = 0
    for named in profiles.namedEntries() where named.entry.shelf == .accelerators {
      let sheet = try profiles.machine(named.entry).accelerators[0]
      for name in tools.flatMap({ facts[named.entry.name]?.aliases?[$0]?.all ?? [] }) {
        var probed = machine(like: sheet, called: name)
        if let seen = facts[named.entry.name]?.memoryMebibytes, sheet.memoryBytes != nil {
          let devices = try profiles.machine(named.entry).accelerators.count
          probed.accelerators[0].memoryBytes = Figure(.mebibytes(Int(seen) / devices), .probed, "test")
        }
        let found = profiles.completed(probed).accelerators[0].catalogue
        let sharers = facts.values.filter { fact in tools.contains { fact.aliases?[$0]?.all.contains(name) == true } }
        #expect(
          found == named.entry.name || sharers.count > 1 && sharers.contains { $0.id == found },
          "\(name) of \(named.entry.name): \(found ?? "none")")
        count += 1
      }
    }
    #expect(count > 300)
  }
}
