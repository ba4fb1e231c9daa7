import Testing
import Units

@testable import Hardware

/// Firmware that states for each node what all of a package reads.
@Suite struct NodeBandwidthTests {
  private func machine(_ rate: Double, of all: Double?, kind: String = "dram", source: Source.Kind = .probed) -> Machine
  {
    var machine = Machine(name: "test")
    machine.memory.bandwidth = all.map { Figure($0 * 1e9, .datasheet, "test") }
    machine.numaNodes = (0..<4).map { id in
      var node = NUMANode(id: id)
      node.cpus = Figure("\(id)", .probed, "test")
      node.kind = Figure(kind, .probed, "test")
      node.bandwidth = Figure(rate * 1e9, source, "test (HMAT)")
      return node
    }
    machine.limitNodesToAllMemory()
    return machine
  }

  @Test func nodesShareWhatAllMemoryHas() {
    let nodes = machine(262, of: 614).numaNodes
    #expect(
      nodes.allSatisfy { ($0.bandwidth?.value ?? 0).rounded() == 153.5e9 && $0.bandwidth?.source.kind == .computed })
    #expect(nodes[0].bandwidth?.source.detail.contains("262 GB/s for each of 4 nodes") == true)
  }

  @Test func whatAgreesOrWasMeasuredStays() {
    #expect(machine(150, of: 614).numaNodes[0].bandwidth?.value == 150e9)
    #expect(machine(262, of: nil).numaNodes[0].bandwidth?.value == 262e9)
    #expect(machine(262, of: 614, source: .measured).numaNodes[0].bandwidth?.value == 262e9)
    #expect(machine(400, of: 614, kind: "hbm").numaNodes[0].bandwidth?.value == 400e9)
  }
}
