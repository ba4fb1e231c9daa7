import Hardware
import Platform
import Testing
import Units

@testable import Reporting

/// A machine on one screen: what it is first, and what is alike once.
@Suite struct MachineSummaryTests {
  private static let source = Source(.probed, "test")

  /// Two sockets, eight nodes, eight cards, six network cards.
  private static func server(_ change: (inout Machine) -> Void = { _ in }) -> Machine {
    var machine = Machine(name: "their-server")
    machine.system = SystemIdentity(vendor: Figure("Dell Inc.", source), product: Figure("PowerEdge XE9680", source))
    machine.os = Figure("Linux 6.8.0-60-generic", source)
    machine.cpu.model = Figure("Intel(R) Xeon(R) Platinum 8480+", source)
    machine.cpu.packages = Figure(2, source)
    machine.cpu.cores = Figure(112, source)
    machine.cpu.threads = Figure(224, source)
    machine.cpu.caches = [
      Cache(level: 1, type: "data", bytes: Figure(.kibibytes(48), source), count: Figure(112, source)),
      Cache(level: 2, type: "unified", bytes: Figure(.mebibytes(2), source), count: Figure(112, source)),
      Cache(level: 3, type: "unified", bytes: Figure(.mebibytes(105), source), count: Figure(2, source)),
    ]
    machine.memory.totalBytes = Figure(.gibibytes(2048), source)
    machine.memory.bandwidth = Figure(614e9, .computed, "16 channels")
    machine.virtualMachine = Figure(false, source)
    machine.unifiedMemory = Figure(false, source)
    machine.numaNodes = (0..<8).map { id in
      var node = NUMANode(id: id)
      node.kind = Figure("dram", source)
      node.memoryBytes = Figure(.gibibytes(256 - (id == 0 ? 2 : 0)), source)
      node.cpus = Figure("\(id * 28)-\(id * 28 + 27)", source)
      node.distances = Figure((0..<8).map { $0 == id ? 10 : $0 / 4 == id / 4 ? 12 : 21 }, source)
      return node
    }
    machine.accelerators = (0..<8).map { index in
      var device = Accelerator(vendor: Figure(.nvidia, source), model: Figure("NVIDIA H100 80GB HBM3", source))
      device.memoryBytes = Figure(.mebibytes(81559), source)
      device.bandwidth = Figure(3350e9, .datasheet, "test")
      device.architecture = Figure("9.0", source)
      device.address = Figure("0000:\(index)8:00.0", source)
      device.numaNode = Figure(index, source)
      return device
    }
    machine.networks = (0..<6).map { index in
      var card = NetworkDevice(names: ["eth\(index)"])
      card.numaNode = Figure(index, source)
      return card
    }
    machine.unknowns = [
      UnknownFact("memory.speedMTs", reason: "the input does not say", command: "sudo dmidecode --type memory"),
      UnknownFact("memory.channels", reason: "the input does not say", command: "sudo dmidecode --type memory"),
    ]
    change(&machine)
    return machine
  }

  private func screen(_ machine: Machine, explains: Bool = false) -> [String] {
    TextTable.$terminalWidth.withValue(80) {
      MachineSummary(machine, showsSources: explains).rendered().split(
        separator: "\n", omittingEmptySubsequences: false
      )
      .map { String($0) }
    }
  }

  @Test func aLargeServerIsOneScreen() {
    let lines = screen(Self.server())
    #expect(lines.count <= 24, "\(lines.count) lines")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let text = lines.joined(separator: "\n")
    #expect(text.hasPrefix("their-server: 2x Intel(R) Xeon(R) Platinum 8480+, 112 cores, 2.00 TiB"))
    #expect(lines[0...1].joined().contains("8x NVIDIA  H100 80GB HBM3"))
    #expect(text.contains("8, each dram 254 GiB, 28 threads; distances 12 to 21"))
    #expect(lines.contains { $0.hasPrefix("0-7") && $0.contains("79.6 GiB") && $0.hasSuffix("0-7") })
    #expect(text.contains("L2 112 x 2.00 MiB, L3 2 x 105 MiB"))
    #expect(!text.contains("L1d"))
    #expect(text.contains("not known: memory.speedMTs, memory.channels"))
  }

  @Test func theDrawingOfALargeServerCutsNothing() {
    let lines = MachineDrawing(Self.server()).text(width: 80).split(separator: "\n")
    #expect(lines.count < 40, "\(lines.count) lines")
    #expect(lines.allSatisfy { $0.count <= 80 && !$0.contains("..") })
    // Two nodes stand side by side, each with its card.
    #expect(lines.contains { $0.contains("NUMA node 0") && $0.contains("NUMA node 1") })
    #expect(lines.contains { $0.contains("gpu6 NVIDIA H100") && $0.contains("gpu7 NVIDIA H100") })
  }

  @Test func sourcesShowEachPart() {
    let text = screen(Self.server(), explains: true).joined(separator: "\n")
    #expect(text.contains("L1d 112 x 48.0 KiB"))
    #expect(text.contains("unified memory"))
    #expect(text.contains("168-195"))
  }

  @Test func whatDiffersIsSaid() {
    let lines = screen(
      Self.server {
        $0.accelerators[7].memoryBytes = Figure(.mebibytes(40960), Self.source)
        $0.numaNodes[7].memoryBytes = nil
      })
    #expect(lines.contains { $0.hasPrefix("0-6 ") && $0.contains("79.6 GiB") })
    #expect(lines.contains { $0.hasPrefix("7 ") && $0.contains("40.0 GiB") })
    #expect(lines.contains { $0.hasPrefix("node") })
  }

  @Test func kindsOfCoresAreTheProcessorsName() {
    let machine = Self.server {
      $0.cpu.model = Figure("Cortex-X925", Self.source)
      $0.cpu.kinds = [
        CoreKind(name: "Cortex-X925", cores: Figure(10, Self.source)),
        CoreKind(name: "Cortex-A725", cores: Figure(10, Self.source)),
      ]
    }
    #expect(screen(machine)[0].hasPrefix("their-server: 10x Cortex-X925 + 10x Cortex-A725"))
  }

  @Test func theProductIsNamedNotItsChip() {
    var device = Accelerator(
      vendor: Figure(.amd, Self.source), model: Figure("Aqua Vanjaram [Instinct MI300A]", Self.source))
    #expect(device.productName == "AMD Instinct MI300A")
    device.model = Figure("AMD Instinct MI300X", Self.source)
    #expect(device.productName == "AMD Instinct MI300X")
  }

  @Test func aCatalogueEntryShowsWhatItComputesAndCosts() {
    let machine = Self.server {
      for index in $0.accelerators.indices {
        $0.accelerators[index].teraOperationsPerSecond = [
          "fp16": Figure(989, .datasheet, "test"), "bf16": Figure(989, .datasheet, "test"),
          "int8": Figure(1979, .datasheet, "test"),
        ]
        $0.accelerators[index].watts = Figure(700, .datasheet, "test")
      }
      $0.price = Price(amount: Figure(98.32, .datasheet, "test"), currency: "USD", basis: "hourly")
    }
    let text = screen(machine).joined(separator: "\n")
    #expect(text.contains("fp16 989 TFLOPS, int8 1979 TOPS, 700 W each"))
    #expect(text.contains("98.32 USD (hourly)"))
  }
}
