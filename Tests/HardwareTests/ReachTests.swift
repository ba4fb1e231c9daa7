import Platform
import Testing
import Units

@testable import Hardware

/// What a container or a mask leaves of a machine, and nodes that are none.
@Suite struct ReachTests {
  /// Two nodes of four CPUs.
  private static func tree(_ more: [String: String], cpus: [String] = ["0-3", "4-7"]) -> MemoryTree {
    var files = [
      "/proc/meminfo": "MemTotal: 2000000 kB\nMemAvailable: 1500000 kB", "/sys/devices/system/cpu/online": "0-7",
    ]
    for cpu in 0..<8 {
      files["/sys/devices/system/cpu/cpu\(cpu)/topology/core_id"] = "\(cpu)"
      files["/sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list"] = "\(cpu)"
      files["/sys/devices/system/cpu/cpu\(cpu)/topology/physical_package_id"] = "0"
    }
    for (node, list) in cpus.enumerated() {
      files["/sys/devices/system/node/node\(node)/cpulist"] = list
      files["/sys/devices/system/node/node\(node)/meminfo"] = "Node \(node) MemTotal: 1000000 kB"
      files["/sys/devices/system/node/node\(node)/distance"] = cpus.indices.map { $0 == node ? "10" : "21" }.joined(
        separator: " ")
    }
    files["/sys/devices/system/node/online"] = "0-\(cpus.count - 1)"
    return MemoryTree(files: files.merging(more) { $1 })
  }

  private static func machine(_ tree: MemoryTree, affinity: CPUSet? = nil, isLimited: Bool = true) -> Machine {
    MachineMerger.merge(
      [TreeProbe(tree: tree, affinity: affinity, isLimited: isLimited).findings()], name: "test", inputs: ["test"])
  }

  private static let container = [
    "/proc/self/cgroup": "0::/", "/sys/fs/cgroup/cgroup.controllers": "cpuset",
    "/sys/fs/cgroup/cpuset.mems.effective": "1",
    "/sys/fs/cgroup/cpuset.cpus.effective": "0-7",
  ]

  @Test func leavesOutMemoryThatIsOutOfReach() throws {
    let machine = Self.machine(Self.tree(Self.container))
    #expect(machine.numaNodes.map { $0.isAllowed?.value } == [false, nil])
    #expect(machine.memory.limitBytes?.value == .kibibytes(1_000_000))
    let advice = try #require(ThreadAdvice(machine))
    #expect(advice.command?.contains("membind=0") != true)
    #expect(advice.cpus == "4-7")
  }

  @Test func takesFromNodesTheCPUsOfOthers() {
    let machine = Self.machine(Self.tree([:]), affinity: CPUSet([0, 1]))
    #expect(machine.numaNodes.map { $0.cpus?.value } == ["0-1", ""])
    #expect(machine.cpu.cores?.value == 2)
    #expect(machine.cpu.onlineCores?.value == 8)
  }

  @Test func tellsTheWholeMachineWhenAsked() {
    let machine = Self.machine(Self.tree(Self.container), isLimited: false)
    #expect(machine.cpu.onlineCores == nil)
    #expect(machine.memory.limitBytes == nil)
    #expect(machine.numaNodes.allSatisfy { $0.isAllowed == nil })
  }

  @Test func joinsNodesThatShareAllCPUs() {
    let machine = Self.machine(Self.tree([:], cpus: ["0-7", "0-7", "0-7", "0-7"]))
    #expect(machine.numaNodes.map { $0.memoryBytes?.value } == [.kibibytes(4_000_000)])
    #expect(machine.warnings.contains { $0.contains("share all CPUs") })
    #expect(ThreadAdvice(machine)?.node == nil)
  }

  @Test func tellsOtherWorkByTheLoadOfTheWholeMachine() {
    var machine = Machine(name: "test")
    machine.cpu.threads = Figure(8, .probed, "test")
    #expect(machine.otherWork(loadAverage: "0.50 0.40 0.30 1/200 999") == nil)
    #expect(machine.otherWork(loadAverage: "13.50 0.40 0.30 9/200 999") != nil)
    #expect(machine.otherWork(loadAverage: nil) == nil)
    machine.cpu.onlineThreads = Figure(64, .probed, "test")
    #expect(machine.otherWork(loadAverage: "13.50 0.40 0.30 9/200 999") == nil)
  }

  @Test func aMeasurementIsOfTheLimitsItWasTakenUnder() {
    var machine = Machine(name: "test")
    let whole = BandwidthMeasurement.fingerprint(of: machine)
    machine.memory.limitBytes = Figure(.mebibytes(300), .probed, "test")
    let limited = BandwidthMeasurement.fingerprint(of: machine)
    machine.cpuLimit = Figure(0.5, .probed, "test")
    #expect(Set([whole, limited, BandwidthMeasurement.fingerprint(of: machine)]).count == 3)
  }

  @Test func measuresNothingThatACacheHolds() {
    var machine = Machine(name: "test")
    let source = Source(.probed, "test")
    machine.cpu.caches = [
      Cache(level: 3, type: "unified", bytes: Figure(.mebibytes(300), source), count: Figure(1, source))
    ]
    machine.memory.availableBytes = Figure(.gibibytes(64), source)
    #expect(BandwidthMeter.bytesPerArray(machine) == 1200 << 20)
    machine.memory.limitBytes = Figure(.mebibytes(300), source)
    #expect(BandwidthMeter.bytesPerArray(machine) == nil)
  }

  @Test func readsWhatAnAPUMayUse() {
    let files = [
      "/proc/meminfo": "MemTotal: 130000000 kB\nMemAvailable: 20971520 kB",
      "/sys/bus/pci/devices/0000:c5:00.0/class": "0x038000", "/sys/bus/pci/devices/0000:c5:00.0/vendor": "0x1002",
      "/sys/bus/pci/devices/0000:c5:00.0/device": "0x1586",
      "/sys/bus/pci/devices/0000:c5:00.0/mem_info_vram_total": "1073741824",
      "/sys/bus/pci/devices/0000:c5:00.0/mem_info_vram_used": "0",
      "/sys/bus/pci/devices/0000:c5:00.0/mem_info_gtt_total": "128849018880",
      "/sys/bus/pci/devices/0000:c5:00.0/mem_info_gtt_used": "0",
    ]
    let device = PCIProbe(tree: MemoryTree(files: files)).findings().machine.accelerators.first
    #expect(device?.memoryBytes?.value == .gibibytes(121))
    #expect(device?.carvedBytes?.value == .gibibytes(1))
    #expect(device?.freeBytes?.value == .gibibytes(21))
  }
}
