import Testing
import Units

@testable import Hardware

@Suite struct MemoryModuleTests {
  /// Slot and bank as boards name them, and the channel that they mean.
  @Test(arguments: [
    ("P1-DIMMA1", "P0_Node0_Channel0_Dimm0", "0/0/0"), ("DIMM 0", "P0 CHANNEL C", "0//C"),
    ("Controller0-ChannelB", "BANK 1", "/0/B"), ("DIMM_A1", "", "//A"), ("CPU1_DIMM_B2", "", "1//B"),
    ("ChannelA-DIMM0", "BANK 0", "//A"),
  ])
  func findsTheChannel(_ row: (locator: String, bank: String, channel: String)) {
    let module = MemoryModule(bytes: .gibibytes(16), locator: row.locator, bank: row.bank)
    #expect(MemorySlotNames.channels(of: [module], packages: nil, channels: nil, most: 12) == [row.channel])
  }

  @Test func countsTwoModulesOfAChannelOnce() {
    let slots = ["DIMM_A1", "DIMM_A2", "DIMM_B1", "DIMM_B2"].map {
      MemoryModule(bytes: .gibibytes(32), type: "DDR5", speedMTs: 4800, bits: 64, locator: $0)
    }
    var memory = MachineMemory()
    MemoryModules(modules: slots, source: Source(.probed, "test")).describe(in: &memory)
    #expect(memory.channels?.populated?.value == 2)
    #expect(memory.installedBytes?.value == .gibibytes(128))
    #expect(memory.bandwidth?.value == 76.8e9)
  }

  @Test func addsUpNarrowChannels() {
    let records = (0..<8).map { index in
      MemoryModule(
        bytes: .gibibytes(4), type: "LPDDR5", speedMTs: 8533, bits: 16,
        locator: "Controller\(index / 4)-Channel\(["A", "B", "C", "D"][index % 4])")
    }
    var memory = MachineMemory()
    MemoryModules(modules: records, source: Source(.probed, "test")).describe(in: &memory)
    #expect(memory.bandwidth.map { ($0.value / 1e8).rounded() / 10 } == 136.5)
  }

  @Test func readsARawTable() {
    var structure: [UInt8] = [17, 40, 0, 1] + [UInt8](repeating: 0, count: 36)
    structure[0x0a] = 64
    structure[0x0c] = 0xff
    structure[0x0d] = 0x7f
    structure[0x1c] = 0
    structure[0x1d] = 0
    structure[0x1e] = 1
    structure[0x10] = 1
    structure[0x12] = 0x22
    structure[0x20] = 0xc0
    structure[0x21] = 0x12
    let table = SMBIOSTable(structure + Array("DIMM_A1\0\0".utf8) + [127, 4, 0, 0, 0, 0])
    let module = table.memoryModules.first
    #expect(module?.bytes == .gibibytes(64))
    #expect(module?.type == "DDR5")
    #expect(module?.speedMTs == 4800)
    #expect(module?.locator == "DIMM_A1")
  }
}
