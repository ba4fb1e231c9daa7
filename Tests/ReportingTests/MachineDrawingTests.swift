import Hardware
import Testing
import Units

@testable import Reporting

/// What a drawing of a machine tells, whatever it looks like.
@Suite struct MachineDrawingTests {
  private func card(_ link: Double? = nil) -> Accelerator {
    var device = Accelerator(vendor: Figure(.nvidia, .probed, "test"), model: Figure("H100", .probed, "test"))
    device.memoryBytes = Figure(.gibibytes(80), .probed, "test")
    device.interconnect = link == nil ? nil : Figure(.nvlink, .datasheet, "test")
    device.interconnectGigabytesPerSecond = link.map { Figure($0, .datasheet, "test") }
    return device
  }

  private func server(packages: Int, cards: Int, link: Double? = nil) -> Machine {
    var machine = Machine(name: "server")
    machine.cpu.model = Figure("Xeon", .probed, "test")
    machine.cpu.packages = Figure(packages, .probed, "test")
    machine.cpu.cores = Figure(packages * 8, .probed, "test")
    machine.memory.totalBytes = Figure(.gibibytes(512), .probed, "test")
    machine.accelerators = (0..<cards).map { _ in card(link) }
    return machine
  }

  @Test func packagesAreDrawnWhereNoNodesAreKnown() {
    let picture = MachineDrawing(server(packages: 2, cards: 8)).svg()
    #expect(picture.contains("Package 0") && picture.contains("Package 1"))
    #expect(picture.contains("8 cores"))
    for number in 0..<8 { #expect(picture.contains(">gpu\(number)<")) }
  }

  @Test func linksOfTheDatasheetAreToldWhereNoneIsListed() {
    let picture = MachineDrawing(server(packages: 2, cards: 8, link: 450)).svg()
    #expect(picture.contains("NVLink, by the datasheet: 450 GB/s"))
    #expect(!MachineDrawing(server(packages: 2, cards: 1, link: 450)).svg().contains("by the datasheet"))
    // Cards with a bridge between two of them: whether it is there nobody knows.
    var bridged = server(packages: 2, cards: 2, link: 300)
    for index in 0..<2 { bridged.accelerators[index].interconnectDevices = Figure(2, .datasheet, "test") }
    #expect(!MachineDrawing(bridged).svg().contains("by the datasheet"))
  }

  @Test func nodesWithoutProcessorsAreDrawn() {
    var machine = server(packages: 2, cards: 0)
    machine.numaNodes = (0..<3).map { NUMANode(id: $0) }
    #expect(MachineDrawing(machine).svg().hasPrefix("<svg"))
  }

  private func nodes(_ distances: [[Int]], cpus: [String]) -> Machine {
    var machine = server(packages: 2, cards: 0)
    machine.numaNodes = distances.indices.map { id in
      var node = NUMANode(id: id)
      node.memoryBytes = Figure(.gibibytes(64), .probed, "test")
      node.cpus = Figure(cpus[id], .probed, "test")
      node.distances = Figure(distances[id], .probed, "test")
      return node
    }
    return machine
  }

  @Test func nodesStandInTheirPackagesWhereDistancesTell() {
    let near = [[10, 12, 21, 21], [12, 10, 21, 21], [21, 21, 10, 12], [21, 21, 12, 10]]
    let cpus = ["0-3", "4-7", "8-11", "12-15"]
    let clustered = nodes(near, cpus: cpus)
    #expect(NodePackages.groups(of: clustered.numaNodes, in: clustered).map { $0.map(\.id) } == [[0, 1], [2, 3]])
    let flat = nodes([[10, 20, 20, 20], [20, 10, 20, 20], [20, 20, 10, 20], [20, 20, 20, 10]], cpus: cpus)
    #expect(NodePackages.groups(of: flat.numaNodes, in: flat).isEmpty)
    // Memory without CPUs hangs on the nearest package.
    let withMemory = nodes(
      [[10, 21, 17, 28], [21, 10, 28, 17], [17, 28, 10, 28], [28, 17, 28, 10]], cpus: ["0-3", "4-7", "", ""])
    #expect(NodePackages.groups(of: withMemory.numaNodes, in: withMemory).map { $0.map(\.id) } == [[0, 2], [1, 3]])
  }

  @Test func aProcessorOfSeveralKindsIsCalledByAllOfThem() {
    var machine = Machine(name: "spark")
    machine.cpu.model = Figure("Cortex-X925", .probed, "test")
    machine.cpu.kinds = ["Cortex-X925", "Cortex-A725"].map { name in
      var kind = CoreKind(name: name)
      kind.cores = Figure(10, .probed, "test")
      return kind
    }
    #expect(MachineDrawing(machine).svg().contains("10 \u{D7} Cortex-X925 and 10 \u{D7} Cortex-A725"))
  }

  @Test func linksToSwitchesAreCountedForEachAccelerator() {
    var machine = server(packages: 2, cards: 4)
    machine.links = (0..<4).flatMap { gpu in
      (0..<6).map {
        Link(kind: .nvswitch, a: "gpu\(gpu)", b: "nvswitch\($0)", gigabytesPerSecond: Figure(25, .probed, "test"))
      }
    }
    #expect(MachineDrawing(machine).svg().contains("6 \u{D7} NVSwitch 25.0 GB/s: each of the 4 accelerators"))
  }

  @Test func coresThatAreTooManyToDrawAreToldInWords() {
    var machine = Machine(name: "rack")
    machine.cpu.cores = Figure(2592, .probed, "test")
    let picture = MachineDrawing(machine).svg()
    #expect(picture.contains("2592 cores") && !picture.contains(DrawnBox.coreColors[0]))
    #expect(MachineDrawing(Machine(name: "unknown")).svg().contains("cores unknown"))
  }

  /// No text is wider than its box; the widths are those of common fonts.
  @Test(arguments: [12.0, 40, 120, 400])
  func textIsBrokenAndNeverCut(room: Double) {
    let text = "NVIDIA_RTX_PRO_6000_Blackwell_Max-Q_Workstation_Edition and a second word"
    let font = DrawnText(size: 12, isBold: true)
    let lines = font.lines(text, room: room)
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    #expect(lines.allSatisfy { font.width($0) <= room || $0.count == 1 })
  }
}
