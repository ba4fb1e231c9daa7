import Platform
import Testing
import Units

@testable import Hardware

/// Readers of texts that the recorded machines have no example of; the forms are those of the tools' documentation.
@Suite struct MakersToolsTests {
  private func read(_ text: String) throws -> Machine {
    let dump = try DumpText(path: "test", bytes: Array(text.utf8))
    let findings = try MachineDump.readers.compactMap { try $0.read(dump) }
    try #require(!findings.isEmpty)
    return MachineMerger.merge(findings, name: "test", inputs: [])
  }

  @Test func readsAmdSMI() throws {
    let machine = try read(
      """
      [{"gpu": 0, "asic": {"market_name": "AMD Instinct MI300X", "target_graphics_version": "gfx942", "device_id": "0x74a1"},
        "bus": {"bdf": "0000:0C:00.0"}, "vram": {"type": "HBM3", "size": {"value": 196592, "unit": "MB"},
        "max_bandwidth": {"value": 5325, "unit": "GB/s"}}, "numa": {"node": 0}, "limit": {"max_power": {"value": 750, "unit": "W"}}}]
      """)
    let device = try #require(machine.accelerators.first)
    #expect(device.memoryBytes?.value == .mebibytes(196592))
    #expect(device.bandwidth?.value == 5.325e12)
    #expect(device.address?.value == "0000:0c:00.0")
    #expect(device.watts?.value == 750)
    #expect(device.architecture?.value == "gfx942")
  }

  @Test func readsAmdSMIText() throws {
    let machine = try read(
      """
      GPU: 0
          ASIC:
              MARKET_NAME: AMD Instinct MI300X
              TARGET_GRAPHICS_VERSION: gfx942
          BUS:
              BDF: 0000:0C:00.0
          VRAM:
              TYPE: HBM3
              SIZE: 196592 MB
      """)
    #expect(machine.accelerators.first?.memoryBytes?.value == .mebibytes(196592))
    #expect(machine.accelerators.first?.model?.value == "AMD Instinct MI300X")
  }

  @Test func readsAMatrixOfLinks() throws {
    let tab = "\t"
    let machine = try read(
      """
      \(tab)\u{1B}[4mGPU0\(tab)GPU1\(tab)NIC0\(tab)CPU Affinity\(tab)NUMA Affinity\(tab)GPU NUMA ID\u{1B}[0m
      GPU0\(tab) X \(tab)NV18\(tab)PIX\(tab)0-55,112-167\(tab)0\(tab)\(tab)N/A
      GPU1\(tab)NV18\(tab) X \(tab)SYS\(tab)56-111,168-223\(tab)1\(tab)\(tab)N/A
      NIC0\(tab)PIX\(tab)SYS\(tab) X \(tab)\(tab)\(tab)
      """)
    #expect(machine.accelerators.map { $0.numaNode?.value } == [0, 1])
    #expect(machine.links.map(\.kind) == [.nvlink])
  }

  @Test func readsACommaSeparatedQuery() throws {
    let machine = try read(
      """
      index, name, pci.bus_id, memory.total [MiB], memory.free [MiB], compute_cap
      0, NVIDIA GeForce RTX 4090, 00000000:01:00.0, 24564 MiB, 24000 MiB, 8.9
      1, NVIDIA GeForce RTX 4090, 00000000:02:00.0, 24564 MiB, [N/A], 8.9
      """)
    #expect(machine.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(24564), .mebibytes(24564)])
    #expect(machine.accelerators[1].freeBytes == nil)
    #expect(machine.accelerators[1].address?.value == "0000:02:00.0")
  }

  @Test func readsXpuSMIJSON() throws {
    let machine = try read(
      """
      {"device_list": [{"device_id": 0, "device_name": "Intel(R) Data Center GPU Max 1100", "pci_bdf_address": "0000:4d:00.0",
        "memory_physical_size_byte": "51539607552"}]}
      """)
    #expect(machine.accelerators.first?.memoryBytes?.value == .gibibytes(48))
  }

  @Test(arguments: [
    (
      "01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GA102 [GeForce RTX 3090] [10de:2204] (rev a1)",
      "NVIDIA"
    ),
    (
      "0000:03:00.0 VGA compatible controller: Advanced Micro Devices, Inc. [AMD/ATI] Navi 31 [Radeon RX 7900 XTX] (rev c8)",
      "AMD"
    ),
    (
      "19:00.0 Processing accelerators [1200]: Habana Labs Ltd. HL-2080 AI Training Accelerator [Gaudi2] [1da3:1020]",
      "Habana"
    ),
  ])
  func readsLinesOfLspci(_ row: (text: String, vendor: String)) throws {
    let machine = try read(row.text)
    #expect(machine.accelerators.map(\.vendor.value.name) == [row.vendor])
  }

  @Test(arguments: [
    "05:00.0 VGA compatible controller [0300]: ASPEED Technology, Inc. ASPEED Graphics Family [1a03:2000] (rev 41)",
    "00:02.0 VGA compatible controller: Intel Corporation Xeon E3-1200 v2/3rd Gen Core processor Graphics Controller (rev 09)",
    "01:00.1 VGA compatible controller: Matrox Electronics Systems Ltd. MGA G200EH",
  ])
  func leavesDisplaysOut(_ text: String) throws {
    let dump = try DumpText(path: "lspci", bytes: Array(text.utf8))
    #expect(try LspciDump.read(dump)?.machine.accelerators.isEmpty ?? true)
  }

  @Test func readsLscpuJSON() throws {
    let machine = try read(
      """
      {"lscpu": [{"field": "Architecture:", "data": "x86_64", "children": [{"field": "Byte Order:", "data": "Little Endian"}]},
        {"field": "CPU(s):", "data": "8"}, {"field": "Vendor ID:", "data": "GenuineIntel", "children": [
          {"field": "Model name:", "data": "Intel(R) Xeon(R) Platinum 8480+", "children": [
            {"field": "Thread(s) per core:", "data": "2"}, {"field": "Core(s) per socket:", "data": "4"},
            {"field": "Socket(s):", "data": "1"}, {"field": "Flags:", "data": "fpu amx_tile avx512_vnni"}]}]}]}
      """)
    #expect(machine.cpu.cores?.value == 4)
    #expect(machine.cpu.features?.value == ["fpu", "amx_tile", "avx512_vnni"])
    #expect(machine.virtualMachine?.value == false)
  }

  @Test func readsSystemProfiler() throws {
    let machine = try read(
      """
      Hardware:

          Hardware Overview:

            Model Name: MacBook Pro
            Model Identifier: Mac16,7
            Chip: Apple M4 Pro
            Total Number of Cores: 14 (10 performance and 4 efficiency)
            Memory: 48 GB

      Graphics/Displays:

          Apple M4 Pro:

            Chipset Model: Apple M4 Pro
            Type: GPU
            Total Number of Cores: 20
      """)
    #expect(machine.cpu.kinds?.map { $0.cores?.value } == [10, 4])
    #expect(machine.memory.totalBytes?.value == .gibibytes(48))
    #expect(machine.unifiedMemory?.value == true)
    #expect(machine.accelerators.map(\.vendor.value) == [.apple])
  }

  @Test func readsFreePages() {
    let text = """
      Mach Virtual Memory Statistics: (page size of 16384 bytes)
      Pages free:                               1000.
      Pages active:                             9000.
      Pages inactive:                           2000.
      """
    #expect(CommandProbe.available(text) == ByteCount(3000 * 16384))
  }
}
