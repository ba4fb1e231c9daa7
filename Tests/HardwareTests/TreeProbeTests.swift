import Platform
import Testing
import Units

@testable import Hardware

@Suite struct TreeProbeTests {
  /// Two P cores with two threads each and four E cores that share a second-level cache.
  private static func hybrid() -> [String: String] {
    var files: [String: String] = ["/sys/devices/system/cpu/online": "0-7"]
    for cpu in 0..<8 {
      let place = "/sys/devices/system/cpu/cpu\(cpu)"
      let isP = cpu < 4
      let siblings = isP ? "\(cpu / 2 * 2)-\(cpu / 2 * 2 + 1)" : "\(cpu)"
      files["\(place)/topology/core_cpus_list"] = siblings
      files["\(place)/topology/physical_package_id"] = "0"
      files["\(place)/topology/core_id"] = "\(isP ? cpu / 2 : cpu)"
      files["\(place)/cache/index0/level"] = "1"
      files["\(place)/cache/index0/type"] = "Data"
      files["\(place)/cache/index0/size"] = isP ? "48K" : "32K"
      files["\(place)/cache/index0/shared_cpu_list"] = siblings
    }
    return files
  }

  @Test func tellsKindsOfCoresByTheirCaches() throws {
    let cpu = TreeProbe(tree: MemoryTree(files: Self.hybrid())).findings().machine.cpu
    #expect(cpu.cores?.value == 6)
    #expect(cpu.threads?.value == 8)
    let kinds = try #require(cpu.kinds)
    #expect(kinds.map(\.name) == ["P", "E"])
    #expect(kinds.map { $0.cores?.value } == [2, 4])
    #expect(kinds.map { $0.coreCPUs?.value } == ["0,2", "4-7"])
    #expect(cpu.caches?.map(\.count.value) == [2, 4])
  }

  @Test func countsOnlyAllowedCPUs() {
    let probe = TreeProbe(tree: MemoryTree(files: Self.hybrid()), affinity: CPUSet([1, 2, 3, 5]))
    let cpu = probe.findings().machine.cpu
    #expect(cpu.cores?.value == 3)
    #expect(cpu.threads?.value == 4)
    #expect(cpu.coreCPUs?.value == "1-2,5")
  }

  @Test func takesAModulesTwoCoresApart() {
    var files = Self.hybrid()
    files["/sys/devices/system/cpu/cpu1/topology/core_id"] = "77"
    #expect(TreeProbe(tree: MemoryTree(files: files)).findings().machine.cpu.cores?.value == 7)
  }

  @Test func findsNothingInAnEmptyTree() {
    let findings = TreeProbe(tree: MemoryTree(files: [:])).findings()
    #expect(findings.isEmpty)
  }

  @Test func tellsMemoryNodesWithoutCPUsApart() {
    let files = [
      "/sys/devices/system/node/node0/cpulist": "0-3",
      "/sys/devices/system/node/node0/meminfo": "Node 0 MemTotal: 1024 kB",
      "/sys/devices/system/node/node0/distance": "10 17", "/sys/devices/system/node/node2/cpulist": "",
      "/sys/devices/system/node/node2/meminfo": "Node 2 MemTotal: 2048 kB",
      "/sys/bus/dax/devices/dax0.0/target_node": "2",
    ]
    let tree = MemoryTree(
      files: files, links: ["/sys/bus/dax/devices/dax0.0": "../../../devices/ndbus0/region0/dax0.0"])
    let nodes = NUMAProbe(tree: tree).nodes()
    #expect(nodes.map(\.id) == [0, 2])
    #expect(nodes.map { $0.kind?.value } == ["dram", "pmem"])
    #expect(nodes.map { $0.memoryBytes?.value } == [.mebibytes(1), .mebibytes(2)])
    #expect(nodes[0].distances?.value == [10, 17])
  }

  @Test(arguments: [("MemTotal: 1024 kB", 1_048_576), ("MemTotal: 32876765184", 32_876_765_184)])
  func readsMemoryWithAndWithoutAUnit(_ row: (text: String, bytes: Int)) {
    #expect(MemoryInfo(row.text)["MemTotal"] == ByteCount(row.bytes))
  }

  @Test func readsAPUsFromTheComputeDriver() {
    let files = [
      "/sys/class/kfd/kfd/topology/nodes/0/properties": "cpu_cores_count 16\nsimd_count 0\n",
      "/sys/class/kfd/kfd/topology/nodes/1/properties":
        "cpu_cores_count 0\nsimd_count 304\ngfx_target_version 90402\nlocation_id 3072\ndomain 1\ndevice_id 29857\n",
      "/sys/class/kfd/kfd/topology/nodes/1/mem_banks/0/properties":
        "heap_type 1\nsize_in_bytes 206141652992\nwidth 8192\nmem_clk_max 1300\n",
      "/sys/class/kfd/kfd/topology/nodes/1/io_links/0/properties":
        "type 2\nnode_from 1\nnode_to 0\nmax_bandwidth 64000\n",
    ]
    let machine = KFDProbe(tree: MemoryTree(files: files)).findings().machine
    #expect(machine.accelerators.count == 1)
    let device = machine.accelerators[0]
    #expect(device.architecture?.value == "gfx942")
    #expect(device.address?.value == "0001:0c:00.0")
    #expect(device.memoryBytes?.value == ByteCount(206_141_652_992))
    #expect(device.model?.value == "Instinct MI300X")
    // HBM3: four transfers for each clock of the memory.
    #expect(device.bandwidth?.value == 5.3248e12)
    #expect(machine.links.map(\.kind) == [.pcie])
    #expect(machine.links[0].gigabytesPerSecond?.value == 64)
  }
}
