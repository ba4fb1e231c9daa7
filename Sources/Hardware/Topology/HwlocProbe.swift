import Units

/// What libhwloc tells of this machine.
enum HwlocProbe {
  /// Returns the topology at the rank of the live machine, and what other sources know better at a lower one.
  ///
  /// - Parameters:
  ///   - affinity: the CPUs that this process may run on; nil for all.
  ///   - knowsNodes: true where the kernel's own lists tell which CPUs a memory node has: hwloc gives a node that has
  ///     memory only the CPUs that are nearest to it.
  static func findings(_ topology: LiveTopology, affinity: CPUSet?, knowsNodes: Bool) -> [Findings] {
    guard topology.isThisMachine, let bytes = topology.xml(), let root = try? XMLReader.read(bytes),
      let machine = root.child("object")
    else { return [] }
    var walk = HwlocWalk(source: Source(.probed, "libhwloc"), affinity: affinity)
    walk.visit(machine)
    let all = walk.findings(machine, root)
    var live = Findings(.live)
    live.machine.cpu.packages = all.machine.cpu.packages
    live.machine.cpu.dies = all.machine.cpu.dies
    live.machine.cpu.cores = all.machine.cpu.cores
    live.machine.cpu.threads = all.machine.cpu.threads
    live.machine.cpu.allowed = all.machine.cpu.allowed
    live.machine.cpu.coreCPUs = all.machine.cpu.coreCPUs
    live.machine.cpu.caches = all.machine.cpu.caches
    live.machine.numaNodes = all.machine.numaNodes
    for index in live.machine.numaNodes.indices where knowsNodes {
      live.machine.numaNodes[index].cpus = nil
      if live.machine.numaNodes[index].kind?.value == "dram" { live.machine.numaNodes[index].kind = nil }
    }
    live.machine.networks = all.machine.networks
    // Kinds by the Arm part are better told by the kernel: before 2.14 hwloc goes by frequency, and finds too many.
    var rest = Findings(.topology)
    rest.machine.cpu.kinds = all.machine.cpu.kinds
    var devices = Findings(.list)
    devices.listsDevices = all.listsDevices
    devices.machine.accelerators = all.machine.accelerators.map { device in
      var device = device
      // The speed that the link has while the device is idle is not what it can do.
      device.hostGigabytesPerSecond = nil
      return device
    }
    return [live, rest, devices].filter { !$0.isEmpty }
  }
}
