import Testing
import Units

@testable import Hardware

/// Texts that people paste: tables, rows without a header, answers of the cpuid instruction.
@Suite struct PlainTextDumpTests {
  private func read(_ text: String) throws -> Machine {
    let dump = try DumpText(path: "test", bytes: Array(text.utf8))
    let findings = try MachineDump.readers.compactMap { try $0.read(dump) }
    try #require(!findings.isEmpty)
    return MachineMerger.merge(findings, name: "test", inputs: [])
  }

  @Test func readsRowsWithoutAHeader() throws {
    let machine = try read(
      """
      0, NVIDIA GB200, 00000008:01:00.0, 1024 MiB, 189471 MiB, 580.65
      1, NVIDIA GB200, 00000009:01:00.0, 1024 MiB, 189471 MiB, 580.65
      """)
    #expect(machine.accelerators.map { $0.address?.value } == ["0008:01:00.0", "0009:01:00.0"])
    #expect(machine.accelerators.allSatisfy { $0.memoryBytes?.value == .mebibytes(189471) })
  }

  @Test func readsAJetsonsTable() throws {
    let machine = try read(
      """
      | NVIDIA-SMI 540.4.0                Driver Version: 540.4.0      CUDA Version: 12.6     |
      |   0  Orin (nvgpu)                  N/A  | N/A              N/A |                  N/A |
      | N/A   N/A  N/A               N/A /  N/A | Not Supported        |     N/A          N/A |
      """)
    let device = try #require(machine.accelerators.first)
    #expect(device.model?.value == "Orin (nvgpu)")
    #expect(device.address == nil)
    #expect(device.memoryBytes == nil)
    #expect(machine.unifiedMemory?.value == true)
  }

  @Test func readsTheTableOfInstances() throws {
    let machine = try read(
      """
      | NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
      |   0  NVIDIA A100-SXM4-40GB          On  |   00000000:07:00.0 Off |                   On |
      | N/A   32C    P0             45W /  400W |      87MiB /  40960MiB |     N/A      Default |
      |                                         |                        |              Enabled |
      |   1  NVIDIA A100-SXM4-40GB          On  |   00000000:0F:00.0 Off |                    0 |
      | N/A   32C    P0             45W /  400W |      87MiB /  40960MiB |     N/A      Default |
      |                                         |                        |             Disabled |
      | MIG devices:                                                                            |
      | GPU  GI  CI  MIG |                     Memory-Usage |        Vol|        Shared         |
      |  0    1   0   0  |              37MiB / 19968MiB    | 42      0 |  3   0    2    0    0 |
      |                  |                 0MiB / 32767MiB  |           |                       |
      |  0    2   0   1  |              37MiB / 19968MiB    | 42      0 |  3   0    2    0    0 |
      """)
    let amounts = machine.accelerators.map { $0.usableBytes?.value }
    #expect(amounts == [.mebibytes(19968), .mebibytes(19968), .mebibytes(40960)])
  }

  @Test func readsTextOfRocmSMI() throws {
    let machine = try read(
      """
      ============================ ROCm System Management Interface ============================
      GPU[0]\t\t: Card Series: \t\tAMD Instinct MI300X
      GPU[0]\t\t: Card Model: \t\t0x74a1
      GPU[0]\t\t: VRAM Total Memory (B): 206141652992
      GPU[0]\t\t: PCI Bus: 0000:0C:00.0
      """)
    let device = try #require(machine.accelerators.first)
    #expect(device.model?.value == "AMD Instinct MI300X")
    #expect(device.memoryBytes?.value.bytes == 206_141_652_992)
    #expect(device.address?.value == "0000:0c:00.0")
  }

  @Test func readsRocminfo() throws {
    let machine = try read(
      """
      HSA Agents
      Agent 1
        Name:                    AMD RYZEN AI MAX+ 395 w/ Radeon 8060S
        Marketing Name:          AMD RYZEN AI MAX+ 395 w/ Radeon 8060S
        Device Type:             CPU
        Pool Info:
          Pool 1
            Segment:                 GLOBAL; FLAGS: FINE GRAINED
            Size:                    131028548(0x7cf5644) KB
      Agent 2
        Name:                    gfx1151
        Marketing Name:          AMD Radeon Graphics
        Device Type:             GPU
        Chip ID:                 5510(0x1586)
        BDFID:                   50432
        Pool Info:
          Pool 1
            Segment:                 GLOBAL; FLAGS: COARSE GRAINED
            Size:                    100663296(0x6000000) KB
      """)
    let device = try #require(machine.accelerators.first)
    #expect(machine.accelerators.count == 1)
    #expect(device.architecture?.value == "gfx1151")
    #expect(device.address?.value == "0000:c5:00.0")
    #expect(device.memoryBytes?.value == .kibibytes(100_663_296))
    #expect(machine.unifiedMemory?.value == true)
  }

  @Test func readsAnswersOfCPUID() throws {
    let leaf0 = "0x00000000 0x00: eax=0x0000000d ebx=0x68747541 ecx=0x444d4163 edx=0x69746e65"
    let leaf1 = "0x00000001 0x00: eax=0x00a10f11 ebx=0x00100800 ecx=0x76fa320b edx=0x178bfbff"
    let raw = try read("CPU 0:\n   \(leaf0)\n   \(leaf1)\n")
    #expect(raw.cpu.vendor?.value == "AuthenticAMD")
    #expect(raw.cpu.features?.value.contains("avx") == true)
    // The answers of one processor say nothing about how many there are.
    #expect(raw.cpu.threads == nil)
    let rows = try read(
      "0, 0, 13, 1752462657, 1145913699, 1769238117\n1, 0, 10555153, 1050624, 1996108299, 395049983\n")
    #expect(rows.cpu.vendor?.value == "AuthenticAMD")
  }

  @Test func takesNoOtherTableForCPUID() throws {
    let dump = try DumpText(path: "test", bytes: Array("0, 0, 1, 2, 3, 4\n1, 0, 1, 2, 3, 4\n".utf8))
    #expect(try CPUIDTextDump.read(dump) == nil)
  }
}
