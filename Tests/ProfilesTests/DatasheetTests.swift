import Hardware
import Profiles
import Testing
import Units

/// What drivers call a card, and the entry that it is completed from.
@Suite struct DatasheetTests {
  let profiles = Profiles()

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
  ])
  func knowsCards(_ vendor: String, _ model: String, _ mebibytes: Int, _ entry: String) {
    let device = profiles.completed(machine(vendor, model, mebibytes)).accelerators[0]
    #expect(device.catalogue == entry)
    #expect(device.bandwidth?.source.kind == .datasheet)
  }

  @Test(arguments: [
    ("NVIDIA GeForce RTX 4090 Laptop GPU", 16376), ("NVIDIA A100-PCIE-40GB", 40960),
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

  @Test func whatWasMeasuredStays() {
    var machine = machine("NVIDIA", "NVIDIA GeForce RTX 4090", 24564)
    machine.accelerators[0].bandwidth = Figure(900e9, .measured, "here")
    #expect(profiles.completed(machine).accelerators[0].bandwidth?.value == 900e9)
  }
}
