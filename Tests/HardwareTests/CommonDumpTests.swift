import Platform
import Testing
import Units

@testable import Hardware

/// Texts that people paste most, in forms made up after the tools' own.
@Suite struct CommonDumpTests {
  private func read(_ text: String) throws -> Machine {
    let dump = try DumpText(path: "test", bytes: Array(text.utf8))
    let findings = try MachineDump.readers.compactMap { try $0.read(dump) }
    try #require(!findings.isEmpty)
    return MachineMerger.merge(findings, name: "test", inputs: ["test"])
  }

  @Test func readsTheTableOfRocmSMI() throws {
    let machine = try read(
      """
      ============================ ROCm System Management Interface ============================
      ====================================== Concise Info ======================================
      Device  Node  IDs              Temp    Power  Partitions          SCLK  MCLK   Fan  Perf  PwrCap  VRAM%  GPU%
                    (DID,     GUID)  (Edge)  (Avg)  (Mem, Compute, ID)
      0       1     0x74a1,   6768   25.0°C  45.0W  NPS1, SPX, 0        0Mhz  96Mhz  0%   auto  750.0W  1%     0%
      1       2     0x74a1,   6769   25.0°C  45.0W  NPS1, SPX, 0        0Mhz  96Mhz  0%   auto  750.0W  1%     0%
      ================================== End of ROCm SMI Log ===================================
      """)
    #expect(machine.accelerators.map { $0.model?.value } == ["Instinct MI300X", "Instinct MI300X"])
    #expect(machine.accelerators.first?.watts?.value == 750)
    let old = try read(
      """
      ======================= ROCm System Management Interface =======================
      ================================= Concise Info =================================
      GPU  Temp (DieEdge)  AvgPwr  SCLK    MCLK    Fan   Perf  PwrCap  VRAM%  GPU%
      0    45.0c           35.0W   800Mhz  350Mhz  20%   auto  225.0W    0%   0%
      ============================= End of ROCm SMI Log ==============================
      """)
    #expect(old.accelerators.count == 1)
  }

  @Test func readsXpuSMITwo() throws {
    let table = try read(
      """
      xpu-smi discovery

        Device ID     Device Information
        0             Device Name: Intel(R) Arc(TM) Pro B60 Graphics
                      PCI BDF Address: 0000:17:00.0
                      Memory Physical Size: 24480.00 MiB
        1             Device Name: Intel(R) Arc(TM) Pro B60 Graphics
                      PCI BDF Address: 0000:1b:00.0
                      Memory Physical Size: 24480.00 MiB
      """)
    #expect(table.accelerators.map { $0.address?.value } == ["0000:17:00.0", "0000:1b:00.0"])
    #expect(table.accelerators.first?.memoryBytes?.value == .mebibytes(24480))
    let summary = try read(
      """
      | XPU-SMI 2.1.0                  Driver Version: 1.14                              |
      |   0  Intel(R) Arc(TM) Pro B  Off  | 0000:18:00.0  Off  |  Disabled |
      | 30%   45C    P0     20W / 200W    |   1234MiB / 24480MiB |  0%   Default |
      """)
    #expect(summary.accelerators.first?.memoryBytes?.value == .mebibytes(24480))
  }

  @Test func takesAProcessorsGraphicsForNoCard() throws {
    let machine = try read(
      """
      +-----------+--------------------------------------------------------------+
      | Device ID | Device Information                                           |
      +-----------+--------------------------------------------------------------+
      | 0         | Device Name: Intel(R) Arc(TM) Graphics                       |
      |           | PCI Device ID: 0x7d55                                        |
      |           | Memory Physical Size: 29000.00 MiB                           |
      +-----------+--------------------------------------------------------------+
      """)
    #expect(machine.accelerators.first?.sharesMemory == true)
    #expect(machine.accelerators.first?.memoryBytes == nil)
    let list = try read(
      "00:02.0 VGA compatible controller: Intel Corporation Meteor Lake-P [Intel Arc Graphics] (rev 08)\n"
        + "c5:00.0 Display controller [0380]: Advanced Micro Devices, Inc. [AMD/ATI] Rembrandt [Radeon 680M] [1002:1681]"
    )
    #expect(list.accelerators.map { $0.sharesMemory } == [true, true])
  }

  @Test func readsLstopoInATerminal() throws {
    let machine = try read(
      """
      Machine (755GB total)
        Package L#0
          NUMANode L#0 (P#0 377GB)
          L3 L#0 (32MB)
            L2 L#0 (1024KB) + L1d L#0 (48KB) + L1i L#0 (32KB) + Core L#0
              PU L#0 (P#0)
              PU L#1 (P#4)
            L2 L#1 (1024KB) + L1d L#1 (48KB) + L1i L#1 (32KB) + Core L#1
              PU L#2 (P#1)
              PU L#3 (P#5)
          HostBridge
            PCIBridge
              PCI 3b:00.0 (3D)
                CoProc(CUDA) "cuda0"
        Package L#1
          NUMANode L#1 (P#1 378GB)
          L3 L#1 (32MB)
            L2 L#2 (1024KB) + L1d L#2 (48KB) + L1i L#2 (32KB) + Core L#2 + PU L#4 (P#2)
            L2 L#3 (1024KB) + L1d L#3 (48KB) + L1i L#3 (32KB) + Core L#3 + PU L#5 (P#3)
      """)
    #expect(machine.cpu.packages?.value == 2)
    #expect(machine.cpu.cores?.value == 4)
    #expect(machine.cpu.threads?.value == 6)
    #expect(machine.numaNodes.map { $0.cpus?.value } == ["0-1,4-5", "2-3"])
    #expect(machine.memory.totalBytes?.value == .gibibytes(755))
    #expect(machine.accelerators.map(\.vendor.value) == [.nvidia])
    #expect(machine.accelerators.first?.address?.value == "0000:3b:00.0")
  }

  @Test func readsTegrastats() throws {
    let machine = try read(
      "11-28-2026 10:00:00 RAM 2448/7620MB (lfb 4x2MB) SWAP 0/3810MB (cached 0MB) CPU [2%@729,0%@729,off,off,1%@729,0%@729] "
        + "EMC_FREQ 0%@2133 GR3D_FREQ 0%@305 VIC_FREQ 115")
    #expect(machine.memory.totalBytes?.value == .mebibytes(7620))
    #expect(machine.cpu.cores?.value == 4)
    #expect(machine.unifiedMemory?.value == true)
    #expect(!machine.unknowns.contains { $0.command?.contains("dmidecode") ?? false })
  }

  @Test func readsRowsWithoutHeaderAndUnits() throws {
    let machine = try read(
      "0, NVIDIA GeForce RTX 4090, 24564, 23800, 550.54.14\n1, NVIDIA GeForce RTX 4090, 24564, 10, 550.54.14")
    #expect(machine.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(24564), .mebibytes(24564)])
  }

  @Test(arguments: [
    "GPU models and configuration: GPU 0: Tesla V100\nGPU 1: Tesla V100",
    "GPU models and configuration: \nGPU 0: Tesla V100\nGPU 1: Tesla V100",
  ])
  func readsReportsOnEnvironments(list: String) throws {
    let machine = try read(
      "PyTorch version: 1.4.0\nIs CUDA available: Yes\n\(list)\n\nNvidia driver version: 440.33.01\n")
    #expect(machine.accelerators.map { $0.model?.value } == ["Tesla V100", "Tesla V100"])
    #expect(machine.software.first?.version.value == "440.33.01")
  }

  @Test func saysHowToWriteLscpuInEnglish() throws {
    let german = """
      Architektur:                      x86_64
      CPU Operationsmodus:              32-bit, 64-bit
      Byte-Reihenfolge:                 Little Endian
      CPU(s) insgesamt:                 16
      Anbieterkennung:                  AuthenticAMD
      """
    let dump = try DumpText(path: "lscpu", bytes: Array(german.utf8))
    let error = #expect(throws: DumpError.self) { try LscpuDump.read(dump) }
    #expect(error?.reason.remedy?.contains("LC_ALL=C") ?? false)
  }

  @Test func ranksKindsBySpeed() throws {
    let machine = try read(
      """
      Architecture:          aarch64
      CPU(s):                12
      On-line CPU(s) list:   0-11
      Vendor ID:             ARM
      Model name:            Cortex-A520
      Thread(s) per core:    1
      Core(s) per socket:    4
      Socket(s):             1
      CPU max MHz:           1800.0000
      Model name:            Cortex-A720
      Thread(s) per core:    1
      Core(s) per socket:    4
      Socket(s):             1
      CPU max MHz:           2400.0000
      Model name:            Cortex-A720
      Thread(s) per core:    1
      Core(s) per socket:    4
      Socket(s):             1
      CPU max MHz:           2800.0000
      """)
    #expect(machine.cpu.kinds?.map(\.name) == ["Cortex-A720", "Cortex-A720", "Cortex-A520"])
    #expect(machine.cpu.megahertz?.value == 2800)
    #expect(machine.cpu.model?.value == "Cortex-A720")
    let advice = try #require(ThreadAdvice(machine))
    #expect(advice.threads == 8)
    #expect(advice.reason.contains("4 Cortex-A520"))
  }

  @Test(arguments: [
    ("5.3 MiB", 112, 48), ("3.5 MiB", 112, 32), ("64 MiB", 2, 32768), ("768 KiB", 16, 48), ("1.3 MiB", 32, 40),
  ])
  func dividesARoundedSum(text: String, count: Int, kibibytes: Int) {
    #expect(LscpuDump.sizeOfOne(text, count) == .kibibytes(kibibytes))
  }

  @Test func namesApplesKindsAsTheyAre() throws {
    let machine = try read(
      """
      Hardware Overview:
        Model Identifier: Mac17,6
        Chip: Apple M5 Max
        Total Number of Cores: 18 (6 Super and 12 Performance)
        Memory: 128 GB
      """)
    #expect(machine.cpu.kinds?.map(\.name) == ["Super", "Performance"])
    #expect(ThreadAdvice(machine)?.threads == 6)
  }

  @Test func keepsDistancesOfTwoNodes() throws {
    let machine = try read(
      """
      available: 2 nodes (0-1)
      node 0 cpus: 0 1
      node 0 size: 64000 MB
      node 1 cpus: 2 3
      node 1 size: 64000 MB
      node distances:
      node   0   1
        0:  10  21
        1:  21  10
      """)
    #expect(machine.numaNodes.map { $0.distances?.value } == [[10, 21], [21, 10]])
  }
}
