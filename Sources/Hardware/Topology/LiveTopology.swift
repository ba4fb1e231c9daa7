import CHwloc
import Platform
import Units

/// This machine's topology as libhwloc finds it, with the binding of threads and memory to its parts.
///
/// Sound to share: a topology is only read after it is loaded, and binding changes threads and pages, never the topology.
final class LiveTopology: @unchecked Sendable {
  private let topology: hwloc_topology_t

  /// Loads the topology; nil where libhwloc finds none. Takes some 20 ms with devices, a few without.
  ///
  /// - Parameter devices: true to look for PCI devices, network cards and disks as well.
  init?(devices: Bool) {
    var created: hwloc_topology_t?
    guard hwloc_topology_init(&created) == 0, let created else { return nil }
    topology = created
    // hwloc prints a page of advice where firmware contradicts itself; the comparison with sysfs shows that better.
    setenv("HWLOC_HIDE_ERRORS", "2", 0)
    // The memory of a Grace Hopper's GPU is a node, which older versions hide unless asked.
    setenv("HWLOC_KEEP_NVIDIA_GPU_NUMA_NODES", "1", 0)
    // CPUs that a container may not use belong to the machine; `allowed` tells them apart.
    hwloc_topology_set_flags(topology, UInt(HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED.rawValue))
    hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL)
    if devices { hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT) }
    // These plugins start the makers' drivers inside this program, where one that hangs would hang the probe. Plimsoll
    // asks the same libraries itself, each within a time limit.
    for plugin in ["cuda", "nvml", "opencl", "rsmi", "levelzero", "gl"] {
      hwloc_topology_set_components(topology, UInt(HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST.rawValue), plugin)
    }
    guard hwloc_topology_load(topology) == 0 else {
      hwloc_topology_destroy(topology)
      return nil
    }
  }

  deinit { hwloc_topology_destroy(topology) }

  /// False where the user points hwloc at another machine's files, by `HWLOC_FSROOT` or `HWLOC_XMLFILE`.
  var isThisMachine: Bool { hwloc_topology_is_thissystem(topology) != 0 }

  /// The topology as hwloc XML of version 2, which `lstopo -i` shows; nil where there is no memory for it.
  func xml() -> [UInt8]? {
    var text: UnsafeMutablePointer<CChar>?
    var length: Int32 = 0
    guard hwloc_topology_export_xmlbuffer(topology, &text, &length, plimsoll_hwloc_xml_flags()) == 0, let text else {
      return nil
    }
    defer { hwloc_free_xmlbuffer(topology, text) }
    return text.withMemoryRebound(to: UInt8.self, capacity: Int(length)) { bytes in
      // The length counts the zero at the end.
      UnsafeBufferPointer(start: bytes, count: Int(length)).prefix { $0 != 0 }.map { $0 }
    }
  }

  // MARK: - binding

  /// Keeps the calling thread on one CPU; false where the system has no such binding (macOS) or refuses it.
  @discardableResult
  func bindThread(toCPU cpu: Int) -> Bool {
    Self.withBitmap(CPUSet([cpu])) { hwloc_set_cpubind(topology, $0, HWLOC_CPUBIND_THREAD.rawValue.asFlags) == 0 }
  }

  /// Keeps all threads of this process on some CPUs.
  func bindProcess(to cpus: CPUSet) -> Bool {
    Self.withBitmap(cpus) { hwloc_set_cpubind(topology, $0, HWLOC_CPUBIND_PROCESS.rawValue.asFlags) == 0 }
  }

  /// Takes the pages of a range from one node, and from no other.
  func bind(_ start: UnsafeMutableRawPointer, bytes: Int, toNode node: Int) -> Bool {
    Self.withBitmap(CPUSet([node])) {
      hwloc_set_area_membind(topology, start, bytes, $0, HWLOC_MEMBIND_BIND, Self.strictByNode) == 0
    }
  }

  /// Takes the pages of this thread, and of the program that it becomes, from some nodes: from all in turn, or none but these.
  func bindMemory(to nodes: CPUSet, interleaved: Bool) -> Bool {
    Self.withBitmap(nodes) {
      let policy = interleaved ? HWLOC_MEMBIND_INTERLEAVE : HWLOC_MEMBIND_BIND
      let flags = Self.strictByNode | HWLOC_MEMBIND_THREAD.rawValue.asFlags
      return hwloc_set_membind(topology, $0, policy, flags) == 0
    }
  }

  /// False where the kernel refuses to set a policy for memory, were it only the usual one.
  var mayBindMemory: Bool {
    let all = nodes
    guard !all.isEmpty else { return false }
    let isSet = Self.withBitmap(all) {
      let flags = HWLOC_MEMBIND_THREAD.rawValue.asFlags | HWLOC_MEMBIND_BYNODESET.rawValue.asFlags
      return hwloc_set_membind(topology, $0, HWLOC_MEMBIND_DEFAULT, flags) == 0
    }
    return isSet
  }

  /// The memory nodes' numbers.
  var nodes: CPUSet {
    guard let set = hwloc_topology_get_topology_nodeset(topology) else { return CPUSet([]) }
    return Self.members(set)
  }

  /// The CPUs near some nodes.
  func cpus(ofNodes nodes: CPUSet) -> CPUSet {
    var found = CPUSet([])
    for node in nodes.members {
      guard let object = hwloc_get_numanode_obj_by_os_index(topology, UInt32(node)), let set = object.pointee.cpuset
      else { continue }
      found = found.union(Self.members(set))
    }
    return found
  }

  private static let strictByNode =
    HWLOC_MEMBIND_STRICT.rawValue.asFlags | HWLOC_MEMBIND_BYNODESET.rawValue.asFlags

  private static func members(_ set: hwloc_const_bitmap_t) -> CPUSet {
    var numbers: [Int] = []
    var next = hwloc_bitmap_first(set)
    while next >= 0, next < CPUSet.limit {
      numbers.append(Int(next))
      next = hwloc_bitmap_next(set, next)
    }
    return CPUSet(numbers)
  }

  private static func withBitmap(_ set: CPUSet, _ body: (hwloc_bitmap_t) -> Bool) -> Bool {
    guard !set.isEmpty, let bitmap = hwloc_bitmap_alloc() else { return false }
    defer { hwloc_bitmap_free(bitmap) }
    for member in set.members { hwloc_bitmap_set(bitmap, UInt32(member)) }
    return body(bitmap)
  }
}

extension BinaryInteger {
  /// hwloc's flags are enumerations in C and plain integers in its calls.
  fileprivate var asFlags: Int32 { Int32(truncatingIfNeeded: self) }
}
