import Testing
import Units

@testable import Hardware

/// Texts as people paste them: other tools, other options, other languages, with the marks of a thread around them.
@Suite struct PastedTextTests {
  private func machine(_ text: String) throws -> Machine {
    try MachineDump().read(Array(text.utf8), name: "test")
  }

  @Test func readsTheTableOfAmdSMI() throws {
    let machine = try machine(
      """
      | AMD-SMI 26.0.0+37d158ab      amdgpu version: 6.14.14  ROCm version: 7.0.0    |
      | BDF                        GPU-Name | Mem-Uti   Temp   UEC       Power-Usage |
      | GPU  HIP-ID  OAM-ID  Partition-Mode | GFX-Uti    Fan               Mem-Usage |
      |=====================================+========================================|
      | 0000:05:00.0    AMD Instinct MI300X | 0 %      39 \u{b0}C   0         131/750 W   |
      |   0       0       4        SPX/NPS1 | 0 %        N/A           285/196592 MB |
      | 0000:26:00.0    AMD Instinct MI300X | 0 %      36 \u{b0}C   0         130/750 W   |
      |   1       1       5        CPX/NPS4 | 0 %        N/A           285/24574 MB  |
      | Processes:                                                                   |
      |   0         123456  python3                                       12/99999 MB |
      """)
    #expect(machine.accelerators.map { $0.model?.value } == ["AMD Instinct MI300X", "AMD Instinct MI300X"])
    #expect(machine.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(196592), .mebibytes(24574)])
    #expect(machine.accelerators[0].watts?.value == 750)
    #expect(machine.accelerators[0].partition == nil)
    #expect(machine.accelerators[1].partition?.memoryShare == 0.125)
  }

  @Test func readsTablesOfRocmSMIWithCommas() throws {
    let machine = try machine(
      """
      device,Card Series,Card Model,Card Vendor,Card SKU
      card0,AMD Radeon RX 7900 XTX,0x744c,"Advanced Micro Devices, Inc. [AMD/ATI]",EXT94393

      device,VRAM Total Memory (B),VRAM Total Used Memory (B)
      card0,25753026560,27492352
      """)
    #expect(machine.accelerators.map { $0.model?.value } == ["AMD Radeon RX 7900 XTX"])
    #expect(machine.accelerators[0].memoryBytes?.value.bytes == 25_753_026_560)
  }

  @Test func readsRowsOfAmdSMI() throws {
    let machine = try machine(
      """
      gpu,market_name,vendor_id,device_id,target_graphics_version,bdf,size
      0,AMD Instinct MI210,0x1002,0x740f,gfx90a,0000:43:00.0,65520
      """)
    #expect(machine.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(65520)])
    #expect(machine.accelerators[0].address?.value == "0000:43:00.0")
  }

  @Test func rowsOfHabanasToolAreNoNVIDIACards() throws {
    let machine = try machine(
      "index, name, bus_id, memory.total [MiB]\n0, HL-325L, 0000:33:00.0, 131072 MiB\n1, HL-325L, 0000:4d:00.0, 131072 MiB\n"
    )
    #expect(machine.accelerators.map(\.vendor.value) == [.habana, .habana])
  }

  @Test func aCardThatAnswersWithErrorsIsSaid() throws {
    let machine = try machine(
      """
      | NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
      |   0  ERR!                           On  |   00000000:3B:00.0 Off |                 ERR! |
      |ERR!  ERR! ERR!             ERR! / ERR!  |   ERR! / ERR!          |     ERR!        ERR! |
      |   1  NVIDIA A100 80GB PCIe          On  |   00000000:5E:00.0 Off |                    0 |
      | N/A   35C    P0             62W /  300W |       4MiB /  81920MiB |      0%      Default |
      """)
    #expect(machine.accelerators.map { $0.model?.value } == [nil, "NVIDIA A100 80GB PCIe"])
    #expect(machine.warnings.contains { $0.contains("0000:3b:00.0") && $0.contains("errors") })
  }

  @Test(arguments: ["name\nNVIDIA L40S\nNVIDIA L40S\n", "NVIDIA L40S\nNVIDIA L40S"])
  func readsNamesAlone(text: String) throws {
    #expect(try machine(text).accelerators.map { $0.model?.value } == ["NVIDIA L40S", "NVIDIA L40S"])
  }

  @Test func readsAnAMDCardOfCollectEnv() throws {
    let machine = try machine(
      """
      PyTorch version              : 2.8.0
      ROCM used to build PyTorch   : 6.4.1
      GPU models and configuration : AMD Instinct MI300X (gfx942:sramecc+:xnack-)
      Nvidia driver version        : Could not collect
      """)
    #expect(machine.accelerators.map { $0.model?.value } == ["AMD Instinct MI300X"])
    #expect(machine.accelerators[0].architecture?.value == "gfx942")
    #expect(machine.warnings.contains { $0.contains("one AMD GPU only") })
  }

  @Test func readsIntelsCardsOfCollectEnv() throws {
    let machine = try machine(
      """
      PyTorch version: 2.8.0+xpu
      Intel GPU models detected:
      * [0] _XpuDeviceProperties(name='Intel(R) Arc(TM) B580 Graphics', platform_name='Level-Zero', total_memory=11605MB)
      """)
    #expect(machine.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(11605)])
  }

  @Test func readsAMacsChipOfCollectEnv() throws {
    let machine = try machine(
      """
      PyTorch version: 2.6.0
      OS: macOS 15.3.1 (arm64)
      GPU models and configuration: No CUDA

      CPU:
      Apple M3 Pro
      """)
    #expect(machine.cpu.model?.value == "Apple M3 Pro")
    #expect(machine.unifiedMemory?.value == true)
    #expect(machine.accelerators.map(\.sharesMemory) == [true])
  }

  @Test func aMacWithoutItsDisplaysHasItsGPU() throws {
    let machine = try machine(
      """
          Hardware Overview:

            Model Identifier: Mac14,2
            Chip: Apple M2
            Total Number of Cores: 8 (4 performance and 4 efficiency)
            Memory: 16 GB
      """)
    #expect(machine.accelerators.map { $0.model?.value } == ["Apple M2"])
    #expect(!machine.unknowns.contains { $0.fact == "accelerators" })
  }

  @Test func readsListsOfDevices() throws {
    let list = try machine(
      """
      Available devices:
        CUDA0: NVIDIA GeForce RTX 3090 (24124 MiB, 23800 MiB free)
        Vulkan0: NVIDIA GeForce RTX 3090 (24576 MiB, 23800 MiB free)
      """)
    #expect(list.accelerators.map { $0.memoryBytes?.value } == [.mebibytes(24124)])
    let log = try machine(
      "ggml_cuda_init: found 1 CUDA devices:\n  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes\n")
    #expect(log.accelerators.map { $0.architecture?.value } == ["8.9"])
    #expect(list.accelerators.map { $0.freeBytes?.value } == [.mebibytes(23800)])
    // A log of two backends tells of one card twice.
    let both = try machine(
      """
        Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6, VMM: yes
      ggml_vulkan: 0 = Intel(R) UHD Graphics 770 (Intel) | uma: 1
      ggml_vulkan: 1 = NVIDIA GeForce RTX 3090 (NVIDIA) | uma: 0
      """)
    #expect(both.accelerators.map { $0.model?.value } == ["NVIDIA GeForce RTX 3090"])
    let vulkan = try machine(
      """
      GPU0:
      \tapiVersion         = 1.4.303
      \tvendorID           = 0x1002
      \tdeviceID           = 0x744c
      \tdeviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
      \tdeviceName         = AMD Radeon RX 7900 XTX (RADV NAVI31)
      GPU1:
      \tapiVersion         = 1.4.303
      \tvendorID           = 0x10005
      \tdeviceID           = 0x0000
      \tdeviceType         = PHYSICAL_DEVICE_TYPE_CPU
      \tdeviceName         = llvmpipe (LLVM 19.1.1, 256 bits)
      """)
    #expect(vulkan.accelerators.map { $0.model?.value } == ["AMD Radeon RX 7900 XTX"])
    #expect(vulkan.accelerators[0].pciDevice?.value == "1002:744c")
  }

  @Test(arguments: [
    "CPU NODE SOCKET CORE L1d:L1i:L2:L3 ONLINE    MAXMHZ\n  0    0      0    0 0:0:0:0          yes 5600.0000\n"
      + "  1    0      0    0 0:0:0:0          yes 5600.0000\n  2    1      1    1 4:4:1:0          yes 4300.0000\n"
      + "  3    1      1    2 4:4:1:0           no 4300.0000\n",
    "# CPU,Core,Socket,Node,,L1d,L1i,L2,L3\n0,0,0,0,,0,0,0,0\n1,0,0,0,,0,0,0,0\n2,1,1,1,,1,1,1,0\n",
  ])
  func readsTablesOfCPUs(text: String) throws {
    let machine = try machine(text)
    #expect(machine.cpu.threads?.value == 3)
    #expect(machine.cpu.cores?.value == 2)
    #expect(machine.cpu.packages?.value == 2)
    #expect(machine.numaNodes.map { $0.cpus?.value } == ["0-1", "2"])
  }

  @Test func marksOfAThreadAreNoPartOfTheText() throws {
    let text = "Architecture:  x86_64\nCPU(s):  4\nVendor ID:  GenuineIntel\nModel name:  Intel(R) Core(TM) i5-7500\n"
    let quoted = text.split(separator: "\n").map { "> \($0)" }.joined(separator: "\n")
    #expect(try machine(quoted).cpu == (try machine(text)).cpu)
  }

  @Test(arguments: [
    (
      "Architektur:   x86_64\nByte-Reihenfolge:   Little Endian\nCPU(s):   16\nAnbieterkennung:  AuthenticAMD\n",
      "LC_ALL=C"
    ),
    (
      "\u{67b6}\u{6784}\u{ff1a}  x86_64\n\u{5b57}\u{8282}\u{5e8f}\u{ff1a}  Little Endian\n\u{5382}\u{5546} ID\u{ff1a} GenuineIntel\n",
      "LC_ALL=C"
    ),
    ("Modell-Identifizierung: Mac14,2\nChip: Apple M2\nSpeicher: 16 GB\n", "-json"),
    ("bash: nvidia-smi: command not found\n", "plimsoll probe --json"), ("\n", "plimsoll probe --json"),
  ])
  func saysWhatToDoAboutWhatItCannotRead(text: String, remedy: String) {
    let error = #expect(throws: DumpError.self) { try machine(text) }
    #expect(error?.reason.remedy?.contains(remedy) == true, "\(String(describing: error))")
  }

  @Test func freeIsReadInOtherLanguages() throws {
    let french =
      "               total       utilis\u{e9}      libre     partag\u{e9} tamp/cache   disponible\nMem:            31Gi       4,2Gi        20Gi       310Mi       7,1Gi        26,5Gi\n"
    let memory = try machine(french).memory
    #expect(memory.totalBytes?.value == .gibibytes(31))
    #expect(memory.availableBytes?.value.gibibytes == 26.5)
    let plain = try machine(
      "        total   used   free  shared  buff/cache  available\nMem:   128665  10233  80000  100  38432  117000\n")
    #expect(plain.memory.totalBytes == nil)
    #expect(plain.warnings.contains { $0.contains("free -h") })
  }
}
