import Fixtures
import Hardware
import Profiles
import Testing
import Units

/// What drivers call a card, and the entry that it is completed from.
@Suite struct DatasheetTests {
  let profiles = Shipped.profiles

  private func machine(_ vendor: String, _ model: String, _ mebibytes: Int) -> Machine {
    var machine = Machine(name: "test")
    var device = Accelerator(vendor: Figure(Maker(vendor), .probed, "test"), model: Figure(model, .probed, "test"))
    device.memoryBytes = Figure(.mebibytes(mebibytes), .probed, "test")
    machine.accelerators = [device]
    return machine
  }

  @Test(arguments: [
    ("NVIDIA", "NVIDIA H100 80GB HBM3", 81559, "h100-sxm5-80gb"), ("NVIDIA", "NVIDIA H100 NVL", 95830, "h100-nvl-94gb"),
    ("NVIDIA", "NVIDIA A100-SXM4-80GB", 81920, "a100-sxm4-80gb"),
    ("NVIDIA", "NVIDIA A100 80GB PCIe", 81920, "a100-pcie-80gb"),
    ("NVIDIA", "NVIDIA GeForce RTX 4090", 24564, "rtx-4090"), ("NVIDIA", "GA102 [GeForce RTX 3090]", 24576, "rtx-3090"),
    ("NVIDIA", "Tesla T4", 15360, "t4"),
    ("NVIDIA", "NVIDIA RTX 6000 Ada Generation", 49140, "rtx-6000-ada"),
    ("NVIDIA", "NVIDIA GH200 480GB", 97871, "gh200-96gb"),
    ("AMD", "AMD Instinct MI300X", 196592, "mi300x"), ("Habana", "Gaudi 2 (HL-225)", 98304, "gaudi2"),
    ("Intel", "Intel(R) Arc(TM) A770 Graphics", 16288, "arc-a770-16gb"),
    ("NVIDIA", "NVIDIA GeForce RTX 4090 Laptop GPU", 16376, "rtx-4090-laptop"),
    ("NVIDIA", "NVIDIA GeForce RTX 4060 Laptop GPU", 8188, "rtx-4060-laptop"),
    ("NVIDIA", "NVIDIA GeForce RTX 3060 Laptop GPU", 6144, "rtx-3060-laptop"),
    ("NVIDIA", "NVIDIA A100-PCIE-40GB", 40960, "a100-pcie-40gb"),
    // Cut by the table: not the RTX 4060, whose whole name is shorter.
    ("NVIDIA", "NVIDIA GeForce RTX 4060 ...", 8188, "rtx-4060-laptop"),
    ("NVIDIA", "NVIDIA A100-SXM...", 40536, "a100-sxm4-40gb"),
    ("NVIDIA", "NVIDIA GeForce RTX 4070 ...", 12282, "rtx-4070-super"),
    ("NVIDIA", "NVIDIA B300 SXM6 AC", 275040, "b300-sxm-288gb"),
    ("NVIDIA", "NVIDIA GH200 144G HBM3e", 146831, "gh200-144gb"),
    // Two of one name: the memory tells, or where it does not, the slower.
    ("NVIDIA", "NVIDIA GeForce RTX 4090", 49140, "rtx-4090-48gb-modified"),
    ("NVIDIA", "NVIDIA GeForce RTX 4060 Ti", 8188, "rtx-4060-ti-8gb"),
    ("AMD", "AMD Instinct MI250X / MI250", 65520, "mi250"),
    ("AMD", "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]", 20464, "rx-7900-xt"),
  ])
  func knowsCards(_ vendor: String, _ model: String, _ mebibytes: Int, _ entry: String) {
    let device = profiles.completed(machine(vendor, model, mebibytes)).accelerators[0]
    #expect(device.catalogue == entry)
    // One die of an MI250 has half of what the datasheet states of both.
    #expect(device.bandwidth?.source.kind == (entry == "mi250" ? .computed : .datasheet))
  }

  @Test(arguments: [
    ("NVIDIA GeForce RTX 6090 Laptop GPU", 16376), ("NVIDIA A100-PCIE-40GB", 20480),
    ("NVIDIA H100 80GB HBM3 MIG", 9856),
    ("NVIDIA GeForce RTX 3060", 8192),
  ])
  func leavesOthersAlone(_ model: String, _ mebibytes: Int) {
    #expect(profiles.completed(machine("NVIDIA", model, mebibytes)).accelerators[0].catalogue == nil)
  }

  @Test func aChipIsKnownByItsMemory() {
    var machine = Machine(name: "mac")
    machine.cpu.model = Figure("Apple M3 Ultra", .probed, "sysctl")
    machine.memory.totalBytes = Figure(.gibibytes(512), .probed, "sysctl")
    machine.unifiedMemory = Figure(true, .computed, "an Apple processor")
    #expect(profiles.completed(machine).memory.bandwidth?.value == 819e9)
  }

  @Test func aBoardIsKnownByItsSystemsName() {
    var machine = Machine(name: "test")
    machine.system = SystemIdentity(product: Figure("NVIDIA_DGX_Spark", .probed, "test"))
    machine.unifiedMemory = Figure(true, .computed, "test")
    machine.memory.totalBytes = Figure(.gibibytes(120), .probed, "test")
    #expect(profiles.completed(machine).memory.bandwidth?.value == 273e9)
  }

  private func unified(_ processor: String, _ gpu: String?, _ gibibytes: Int) -> Machine {
    var machine = Machine(name: "test")
    machine.cpu.model = Figure(processor, .probed, "test")
    machine.unifiedMemory = Figure(true, .computed, "test")
    machine.memory.totalBytes = Figure(.gibibytes(gibibytes), .probed, "test")
    if let gpu {
      var device = Accelerator(
        vendor: Figure(Maker(canonical: "test"), .probed, "test"), model: Figure(gpu, .probed, "test"))
      device.sharesMemory = true
      machine.accelerators = [device]
    }
    return machine
  }

  @Test(arguments: [
    ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "Radeon 8060S Graphics", 122, 256e9),
    // With 96 GiB set aside for the GPU no size of the chip has what is left: all sizes read equally fast.
    ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "AMD Radeon Graphics", 31, 256e9),
    ("ARMv8 Processor rev 1 (v8l)", "Orin (nvgpu)", 61, 204.8e9), ("Cortex-A78AE", "Orin (nvgpu)", 15, 102.4e9),
    ("", "NVIDIA Thor", 122, 273e9), ("", "NVIDIA GB10", 121, 273e9), ("Apple M4 Max", "Apple M4 Max", 64, 546e9),
  ])
  func knowsChips(_ processor: String, _ gpu: String, _ gibibytes: Int, _ bandwidth: Double) throws {
    let machine = profiles.completed(unified(processor, gpu, gibibytes))
    let found = try #require(machine.memory.bandwidth ?? machine.accelerators[0].bandwidth)
    #expect(abs(found.value - bandwidth) < 0.01 * bandwidth)
  }

  @Test func anIntegratedGPUHasItsRatesAndTheMemorysSpeed() throws {
    var machine = unified("AMD Ryzen 7 7840U w/ Radeon 780M Graphics", "AMD Radeon 780M Graphics", 32)
    machine.unifiedMemory = nil
    machine.memory.bandwidth = Figure(83e9, .measured, "test")
    let device = profiles.completed(machine).accelerators[0]
    #expect(device.teraOperationsPerSecond?["fp16"]?.value == 16.6)
    #expect(device.bandwidth == nil)
  }

  @Test func aReckonedBandwidthGivesWayToTheDatasheet() {
    var machine = machine("AMD", "AMD Radeon RX 7900 XTX", 24560)
    machine.accelerators[0].bandwidth = Figure(120e9, .computed, "KFD: clock and width")
    #expect(profiles.completed(machine).accelerators[0].bandwidth?.value == 960e9)
  }

  @Test func whatWasMeasuredStays() {
    var machine = machine("NVIDIA", "NVIDIA GeForce RTX 4090", 24564)
    machine.accelerators[0].bandwidth = Figure(900e9, .measured, "here")
    #expect(profiles.completed(machine).accelerators[0].bandwidth?.value == 900e9)
  }

  /// An instance of a card has its share of the card's figures, and none of what only the whole has.
  @Test(arguments: [
    ("NVIDIA", "NVIDIA A30 MIG 1g.6gb", 5952, 24576, 0.25, 0.25, "a30"),
    ("NVIDIA", "NVIDIA A100-SXM4-80GB MIG", 40192, 81920, 0.5, 3.0 / 7, "a100-sxm4-80gb"),
    ("AMD", "AMD Instinct MI300X", 24574, 196592, 0.125, 0.125, "mi300x"),
  ])
  func givesAPartOfACardItsShare(
    vendor: String, model: String, own: Int, card: Int, memory: Double, compute: Double, entry: String
  ) throws {
    var part = machine(vendor, model, own)
    part.accelerators[0].partition = Partition(memoryShare: memory, computeShare: compute, cardBytes: .mebibytes(card))
    let found = profiles.completed(part).accelerators[0]
    let whole = try profiles.machine(named: entry).accelerators[0]
    #expect(found.catalogue == entry)
    #expect(found.watts == nil)
    let bandwidth = try #require(whole.bandwidth?.value)
    #expect(abs((found.bandwidth?.value ?? 0) - bandwidth * memory) < 1e-6 * bandwidth)
    let rate = try #require(whole.teraOperationsPerSecond?["fp16"]?.value)
    #expect(abs((found.teraOperationsPerSecond?["fp16"]?.value ?? 0) - rate * compute) < 1e-9 * rate)
  }

  /// A dump may have a card's name and nothing else; this machine's driver would tell the memory.
  @Test(arguments: [
    ("NVIDIA", "NVIDIA GeForce RTX 3090", "rtx-3090"), ("AMD", "AMD Instinct MI300X", "mi300x"),
    ("Intel", "Intel(R) Arc(TM) B580 Graphics", "arc-b580"), ("NVIDIA", "AD102 [GeForce RTX 4090]", "rtx-4090"),
  ])
  func theNameAloneTellsACardOfADump(vendor: String, model: String, entry: String) throws {
    var machine = machine(vendor, model, 1)
    machine.accelerators[0].memoryBytes = nil
    machine.accelerators.append(machine.accelerators[0])
    machine.unknowns = [UnknownFact("accelerators[0-1].memoryBytes", reason: "test")]
    let found = profiles.completed(machine, byNameAlone: true)
    #expect(found.accelerators.map(\.catalogue) == [entry, entry])
    let memory = try #require(found.accelerators[0].memoryBytes)
    #expect(memory.source.detail.contains("by its name alone"))
    #expect(found.accelerators[0].bandwidth != nil)
    #expect(found.unknowns.isEmpty)
    #expect(profiles.completed(machine).accelerators[0].memoryBytes == nil)
  }

  @Test func aNameOfCardsOfSeveralSizesTellsNone() {
    var machine = machine("NVIDIA", "NVIDIA GeForce RTX 4060 Ti", 1)
    machine.accelerators[0].memoryBytes = nil
    machine.unknowns = [UnknownFact("accelerators[0].memoryBytes", reason: "test")]
    let found = profiles.completed(machine, byNameAlone: true)
    #expect(found.accelerators[0].memoryBytes == nil)
    #expect(found.unknowns.count == 1)
  }

  @Test func theNameAloneTellsASystemOfOneSize() {
    var machine = machine("NVIDIA", "NVIDIA GB10", 1)
    machine.accelerators[0].memoryBytes = nil
    machine.accelerators[0].sharesMemory = true
    machine.unifiedMemory = Figure(true, .probed, "test")
    let found = profiles.completed(machine, byNameAlone: true)
    #expect(found.memory.bandwidth?.value == 273e9)
    #expect(found.memory.totalBytes?.value == .gibibytes(128))
    #expect(profiles.completed(machine).memory.totalBytes == nil)
  }
}
