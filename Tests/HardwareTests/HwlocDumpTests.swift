import Platform
import Synchronization
import Testing
import Units

@testable import Hardware

@Suite struct HwlocDumpTests {
  private func read(_ body: String, version: String = " version=\"2.0\"") throws -> Machine {
    let text = "<?xml version=\"1.0\"?><topology\(version)>\(body)</topology>"
    let findings = try #require(try HwlocDump.read(DumpText(path: "x.xml", bytes: Array(text.utf8))))
    return MachineMerger.merge([findings], name: "test", inputs: ["x.xml: lstopo XML"])
  }

  @Test func tellsThePartitionsOfACardApart() throws {
    let devices = (0..<3).map {
      "<object type=\"OSDev\" gp_index=\"\(20 + $0)\" name=\"rsmi\($0)\" subtype=\"RSMI\" osdev_type=\"1\">"
        + "<info name=\"RSMIVRAMSize\" value=\"33554432\"/></object>"
    }.joined()
    let machine = try read(
      """
      <object type="Machine" cpuset="0x1" nodeset="0x1" gp_index="1"><object type="PU" os_index="0" cpuset="0x1"/>
      <object type="PCIDev" gp_index="9" pci_busid="0000:02:00.0" pci_type="1200 [1002:74a1] [1002:74a1] 00">\(devices)</object>
      </object>
      <distances2 type="OSDev" nbobjs="3" kind="9" name="XGMIBandwidth" indexing="gp"><indexes length="9">20 21 22 </indexes>
      <u64values length="40">0 100000 100000 100000 0 100000 100000 100000 0 </u64values></distances2>
      """)
    #expect(machine.accelerators.count == 3)
    #expect(machine.accelerators.allSatisfy { $0.memoryBytes?.value == .gibibytes(32) })
    #expect(machine.links.map { "\($0.a)-\($0.b)" } == ["gpu0-gpu1", "gpu0-gpu2", "gpu1-gpu2"])
  }

  @Test func readsFirmwaresRatesAndCaches() throws {
    let machine = try read(
      """
      <object type="Machine" cpuset="0x3" nodeset="0x1" gp_index="1"><object type="Package" os_index="0" cpuset="0x3">
      <object type="NUMANode" os_index="0" cpuset="0x3" nodeset="0x1" gp_index="7" local_memory="1073741824"/>
      <object type="Die" os_index="0" cpuset="0x3"><object type="L3Cache" cpuset="0x3" cache_size="33554432" depth="3" cache_type="0">
      <object type="Core" os_index="0" cpuset="0x1"><object type="PU" os_index="0" cpuset="0x1"/></object>
      <object type="Core" os_index="1" cpuset="0x2"><object type="PU" os_index="1" cpuset="0x2"/></object></object></object></object></object>
      <memattr name="ReadBandwidth" flags="5"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="7" value="204800" initiator_cpuset="0x3"/></memattr>
      <memattr name="ReadLatency" flags="6"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="7" value="96" initiator_cpuset="0x3"/></memattr>
      """)
    #expect(machine.numaNodes.first?.bandwidth?.value == 204800e6)
    #expect(machine.numaNodes.first?.latencyNanoseconds?.value == 96)
    #expect(machine.cpu.dies?.value == 1)
    #expect(machine.cpu.caches?.first?.bytes.value == .mebibytes(32))
    #expect(machine.cpu.caches?.first?.threads?.value == 2)
  }

  @Test func takesDistancesOfVersionOneByTheNodesNumbers() throws {
    let machine = try read(
      """
      <object type="Machine" cpuset="0x3" nodeset="0x101">
      <distances nbobjs="2" relative_depth="1" latency_base="10.0"><latency value="1.0"/><latency value="4.0"/><latency value="4.0"/><latency value="1.0"/></distances>
      <object type="NUMANode" os_index="8" cpuset="0x2" nodeset="0x100" local_memory="1073741824"><object type="PU" os_index="1" cpuset="0x2"/></object>
      <object type="NUMANode" os_index="0" cpuset="0x1" nodeset="0x1" local_memory="1073741824"><object type="PU" os_index="0" cpuset="0x1"/></object>
      </object>
      """, version: "")
    #expect(machine.numaNodes.map(\.id) == [0, 8])
    #expect(machine.numaNodes.map { $0.distances?.value } == [[10, 40], [40, 10]])
  }

  @Test func findsTheSwitchAboveADevice() {
    #expect(PCIDevice.nearestSwitch(["0000:00:01.0"]) == nil)
    #expect(PCIDevice.nearestSwitch(["0000:00:01.0", "0000:01:00.0", "0000:02:04.0"]) == "0000:01:00.0")
  }

  @Test(.enabled(if: MachineProbe.affinity() != nil, "only Linux has these files"))
  func agreesWithTheKernelsFilesHere() throws {
    let comparison = try #require(TopologyComparison.live())
    #expect(comparison.differences.filter { $0.reason == nil } == [])
    #expect(comparison.rows.contains { $0.fact == "threads" })
  }

  @Test(.enabled(if: MachineProbe.affinity() != nil, "only Linux binds threads"))
  func bindsAThread() throws {
    let topology = try #require(LiveTopology(devices: false))
    let cpu = try #require(MachineProbe.affinity()?.first)
    let results = Mutex<[Bool]>([])
    // On a thread of its own, which ends bound and takes its binding with it.
    PinnedThreads.run(on: [cpu], pin: { _ in }) { _ in
      let bound = [topology.bindThread(toCPU: cpu), topology.bindThread(toCPU: 60000)]
      results.withLock { $0 = bound }
    }
    #expect(results.withLock { $0 } == [true, false])
  }
}
