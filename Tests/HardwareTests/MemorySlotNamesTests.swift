import Testing
import Units

@testable import Hardware

@Suite struct MemorySlotNamesTests {
  private static func modules(_ names: [(bank: String, slot: String)], present: Set<Int>? = nil) -> [MemoryModule] {
    names.enumerated().map { index, name in
      var module = MemoryModule(bytes: present?.contains(index) ?? true ? .gibibytes(64) : nil)
      module.bank = name.bank
      module.locator = name.slot
      module.bits = 64
      module.speedMTs = 3200
      return module
    }
  }

  private static func slots(_ names: [String], bank: String = "") -> [(bank: String, slot: String)] {
    names.map { (bank, $0) }
  }

  private static let dell = ["A", "B"].flatMap { letter in (1...16).map { "\(letter)\($0)" } }

  /// Names of boards, sockets, channels of a socket by the processor, and the channels that hold a module.
  static let boards: [(String, [(bank: String, slot: String)], Int?, Int?, Int)] = [
    ("Dell with all slots", slots(dell), 2, 8, 16),
    ("Dell with six channels", slots(["A", "B"].flatMap { letter in (1...12).map { "\(letter)\($0)" } }), 2, 6, 12),
    ("Dell, processor unknown", slots(dell), 2, nil, 16),
    (
      "controllers below sockets",
      (0..<2).flatMap { p in (0..<4).flatMap { n in (0..<2).map { ("P\(p)_Node\(n)_Channel\($0)_Dimm0", "DIMM \(n)") } }
      },
      2, 8, 16
    ),
    ("Oracle", (0..<2).flatMap { p in (0..<8).map { ("/SYS/MB/P\(p)", "D\($0)") } }, 2, 8, 16),
    (
      "Intel", slots((0..<2).flatMap { p in (0..<6).flatMap { c in (0..<2).map { "CPU\(p)_C\(c)D\($0)" } } }), 2, 6, 12
    ),
    ("Supermicro", slots((1...2).flatMap { p in ["A", "B", "C", "D"].map { "P\(p)-DIMM\($0)1" } }), 2, 4, 8),
    ("two slots on each of two channels", slots(["DIMM_A1", "DIMM_A2", "DIMM_B1", "DIMM_B2"], bank: ""), 1, 2, 2),
    ("HPE by numbers", slots((1...2).flatMap { p in (1...16).map { "PROC \(p) DIMM \($0)" } }), 2, 8, 16),
    ("Huawei", slots((0..<2).flatMap { p in (0..<8).flatMap { c in (0..<2).map { "DIMM\(p)\(c)\($0)" } } }), 2, 8, 16),
    ("numbers alone, processor unknown", slots((1...32).map { "DIMM \($0)" }), nil, nil, 16),
    ("HPE, processors unknown", slots((1...2).flatMap { p in (1...16).map { "PROC \(p) DIMM \($0)" } }), nil, nil, 16),
    ("one letter for four modules", slots((0..<4).map { "A1_DIMM\($0)" }), 1, 2, 2),
    ("channels by words", slots(["ChannelA-DIMM0", "ChannelA-DIMM1", "ChannelB-DIMM0", "ChannelB-DIMM1"]), 1, 2, 2),
  ]

  @Test(arguments: boards.indices)
  func countsChannels(_ index: Int) {
    let (name, slots, packages, channels, populated) = Self.boards[index]
    var modules = MemoryModules(modules: Self.modules(slots), source: Source(.probed, "test"))
    modules.packages = packages
    modules.channelsOfProcessor = channels.map { $0 * (packages ?? 1) }
    var memory = MachineMemory()
    modules.describe(in: &memory)
    #expect(memory.channels?.populated?.value == populated, "\(name)")
    #expect(memory.bandwidth.map { $0.value / 25.6e9 } == Double(populated), "\(name)")
  }

  @Test func halfFilledBoardsHaveHalfTheirChannels() {
    // Modules in A1 to A4 and B1 to B4 only.
    let present = Set(Self.dell.indices.filter { (Int(Self.dell[$0].dropFirst()) ?? 0) <= 4 })
    var modules = MemoryModules(
      modules: Self.modules(Self.slots(Self.dell), present: present), source: Source(.probed, "test"))
    (modules.packages, modules.channelsOfProcessor) = (2, 16)
    var memory = MachineMemory()
    modules.describe(in: &memory)
    #expect(memory.channels?.populated?.value == 8)
    #expect(memory.channels?.possible?.value == 16)
  }
}
