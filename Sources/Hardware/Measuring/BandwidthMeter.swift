public import Platform
import Units

/// Measures memory with threads pinned to one CPU of each core.
public struct BandwidthMeter: Sendable {
  private let clock: MonotonicClock
  /// The time for all loops over all nodes; each gets its share of it.
  private let budget: Duration

  public init(clock: MonotonicClock = MonotonicClock(), budget: Duration = .seconds(4)) {
    self.clock = clock
    self.budget = budget
  }

  /// A node's memory and the CPUs to use it from.
  struct Place: Hashable {
    var node: Int
    var cpus: [Int]
    /// True where the kernel knows the node, so that pages can be asked from it.
    var isBindable: Bool
  }

  /// Measures each node, pairs of nodes where there are few, and all together; takes seconds.
  ///
  /// - Parameter diskFolder: a folder on the disk to measure; nil for none.
  /// - Returns: nil where there is not enough free memory for arrays that caches cannot hold.
  public func measure(_ machine: Machine, diskFolder: String? = nil) -> BandwidthMeasurement? {
    let places = Self.places(machine)
    let pairs = Self.pairs(machine, places)
    let topology = LiveTopology(devices: false)
    let counts = Self.threadCounts(places.first?.cpus.count ?? 0)
    let loops = 3 * (places.count + (places.count > 1 ? 1 : 0)) + pairs.count + counts.count
    let share = budget / max(1, loops)
    guard !places.isEmpty, let bytes = Self.bytesPerArray(machine) else { return nil }
    func reads(_ place: Place) -> Double? {
      rates([place], bytes: bytes, budget: share, readsOnly: true, topology)?.read
    }
    guard let (nodes, all) = nodesAndAll(places, bytes: bytes, each: share * 3, topology) else { return nil }
    let remote = pairs.compactMap { cpus, memory -> BandwidthMeasurement.Remote? in
      reads(Place(node: memory, cpus: cpus.cpus, isBindable: true)).map {
        .init(cpus: cpus.node, memory: memory, read: $0)
      }
    }
    let byThreads = counts.compactMap { count -> BandwidthMeasurement.Threads? in
      var place = places[0]
      place.cpus = Array(place.cpus.prefix(count))
      return reads(place).map { .init(threads: count, read: $0) }
    }
    let pin = Self.pin(topology)
    let compute = ComputeMeter(clock: clock).measure(places.flatMap(\.cpus), pin: pin)
    return BandwidthMeasurement(
      date: String(isoTimestamp(clock.wallSeconds()).prefix(10)),
      fingerprint: BandwidthMeasurement.fingerprint(of: machine),
      nodes: nodes, remote: remote, read: all.read, copy: all.copy, triad: all.triad,
      threads: places.reduce(0) { $0 + $1.cpus.count }, latency: latency(places[0], machine, pin),
      diskRead: diskFolder.flatMap { DiskMeter.read(folder: $0, clock: clock) }, byThreads: byThreads, compute: compute)
  }

  /// Measures each node and all together, and nothing else: enough to tell speeds by, within the budget.
  ///
  /// - Returns: nil where there is not enough free memory for arrays that caches cannot hold.
  public func glance(_ machine: Machine) -> BandwidthMeasurement? {
    let places = Self.places(machine)
    guard !places.isEmpty, let bytes = Self.bytesPerArray(machine) else { return nil }
    let topology = LiveTopology(devices: false)
    let share = budget / (places.count > 1 ? places.count + 1 : 1)
    guard let (nodes, all) = nodesAndAll(places, bytes: bytes, each: share, topology) else { return nil }
    return BandwidthMeasurement(
      of: machine, date: String(isoTimestamp(clock.wallSeconds()).prefix(10)), nodes: nodes, read: all.read,
      copy: all.copy, triad: all.triad, threads: places.reduce(0) { $0 + $1.cpus.count })
  }

  /// Each node's memory read and written from its own CPUs, then all of them at once.
  private func nodesAndAll(
    _ places: [Place], bytes: Int, each budget: Duration, _ topology: LiveTopology?
  ) -> (nodes: [BandwidthMeasurement.Node], all: Rates)? {
    func rates(_ places: [Place]) -> Rates? {
      self.rates(places, bytes: bytes, budget: budget, readsOnly: false, topology)
    }
    let own = places.map { (place: $0, rates: rates([$0])) }
    guard let all = places.count == 1 ? own[0].rates : rates(places) else { return nil }
    let nodes = own.compactMap { place, rates in
      rates.map {
        BandwidthMeasurement.Node(
          id: place.node, threads: place.cpus.count, read: $0.read, copy: $0.copy, triad: $0.triad)
      }
    }
    return (nodes, all)
  }

  /// Keeps a thread on a CPU through libhwloc; on systems without such a binding the scheduler places it.
  private static func pin(_ topology: LiveTopology?) -> @Sendable (Int) -> Void {
    { cpu in topology?.bindThread(toCPU: cpu) }
  }

  /// Numbers of threads between one and all cores of a node, doubling: where more of them read no faster, the rest of the
  /// cores may as well do something else.
  static func threadCounts(_ cores: Int) -> [Int] {
    var counts: [Int] = []
    var count = 1
    while count < cores, counts.count < 8 {
      counts.append(count)
      count *= 2
    }
    return counts
  }

  /// The nodes with CPUs that may be used, one CPU of each core.
  static func places(_ machine: Machine) -> [Place] {
    let allowed =
      machine.cpu.allowed.flatMap { CPUSet(list: $0.value) } ?? CPUSet(0..<(machine.cpu.threads?.value ?? 1))
    let nodes = machine.numaNodes.filter { !($0.cpus?.value.isEmpty ?? true) }
    let cores = machine.cpu.coreCPUs.flatMap { CPUSet(list: $0.value) } ?? allowed
    func one(_ set: CPUSet) -> [Int] { set.intersection(cores).members }
    let places = nodes.compactMap { node -> Place? in
      guard let set = node.cpus.flatMap({ CPUSet(list: $0.value) }) else { return nil }
      let cpus = one(set)
      return cpus.isEmpty ? nil : Place(node: node.id, cpus: cpus, isBindable: nodes.count > 1)
    }
    return places.isEmpty ? [Place(node: 0, cpus: one(allowed), isBindable: false)].filter { !$0.cpus.isEmpty } : places
  }

  /// CPUs of one node with the memory of another, where there are few enough to measure them all.
  private static func pairs(_ machine: Machine, _ places: [Place]) -> [(Place, Int)] {
    let memories = machine.numaNodes.filter { ($0.memoryBytes?.value.bytes ?? 0) > 1 << 30 }.map(\.id)
    let pairs = places.flatMap { place in memories.filter { $0 != place.node }.map { (place, $0) } }
    return pairs.count <= 12 ? pairs : []
  }

  /// The bytes of all caches of the last level that the CPUs have.
  private static func cacheBytes(_ machine: Machine) -> Int {
    let level = machine.cpu.caches?.map(\.level).max() ?? 0
    let last = machine.cpu.caches?.filter { $0.level == level } ?? []
    return last.reduce(0) { $0 + $1.bytes.value.bytes * $1.count.value }
  }

  /// Memory that may be taken for measuring: half of what is free, and of what a limit leaves.
  private static func spareBytes(_ machine: Machine) -> Int {
    let free = machine.memory.availableBytes?.value ?? machine.memory.totalBytes?.value ?? .gibibytes(2)
    let limit = machine.memory.limitBytes.map { $0.value - (machine.memory.limitUsedBytes?.value ?? .zero) }
    return min(free.bytes, limit?.bytes ?? .max) / 2
  }

  /// Four times the last level of cache in each of three arrays; where memory is short no less than twice, for an array that
  /// a cache holds tells the cache's rate. Nil where not even that is there.
  static func bytesPerArray(_ machine: Machine) -> Int? {
    let cache = cacheBytes(machine)
    let wanted = max(4 * cache, 192 << 20)
    let most = spareBytes(machine) / 3
    return most >= wanted ? wanted : most >= max(2 * cache, 16 << 20) ? most : nil
  }

  struct Rates: Hashable {
    var read = 0.0
    var copy = 0.0
    var triad = 0.0
  }

  /// The best rate of each loop over all places at once.
  ///
  /// The loops take turns, so that each of them meets the machine in its quiet moments, and the best of each counts, as
  /// STREAM has it.
  private func rates(
    _ places: [Place], bytes: Int, budget: Duration, readsOnly: Bool, _ topology: LiveTopology?
  ) -> Rates? {
    let pin = Self.pin(topology)
    let arrays = places.map { place in
      MeasuringArrays(
        threads: place.cpus.count, bytesPerArray: bytes / places.count, node: place.isBindable ? place.node : nil,
        topology: topology)
    }
    let sets = arrays.compactMap { $0 }
    guard sets.count == places.count else { return nil }
    let cpus = places.flatMap(\.cpus)
    let owners = places.indices.flatMap { place in places[place].cpus.indices.map { (place, $0) } }
    PinnedThreads.run(on: cpus, pin: pin) { thread in
      let (set, part) = owners[thread]
      sets[set].fill(part)
    }
    let moved = Double(sets.reduce(0) { $0 + $1.bytesPerArray })
    var rates = Rates()
    let begin = clock.now()
    let limit = Int64(budget / .nanoseconds(1))
    var rounds = 0
    // Five rounds in any case, unless the machine is so slow that they take far longer than was given.
    while clock.now() - begin < (rounds < 5 ? 8 * limit : limit) {
      rounds += 1
      let read = rate(moved, cpus, pin) { thread in
        let (set, part) = owners[thread]
        // The answer is used, so that the search is not left out.
        if StreamKernels.read(sets[set].part(0, part), sets[set].vectorsPerThread) { sets[set].fill(part) }
      }
      rates.read = max(rates.read, read)
      guard !readsOnly else { continue }
      let copy = rate(2 * moved, cpus, pin) { thread in
        let (set, part) = owners[thread]
        StreamKernels.copy(sets[set].part(2, part), sets[set].part(0, part), sets[set].vectorsPerThread)
      }
      rates.copy = max(rates.copy, copy)
      let triad = rate(3 * moved, cpus, pin) { thread in
        let (set, part) = owners[thread]
        let arrays = sets[set]
        StreamKernels.triad(arrays.part(0, part), arrays.part(1, part), arrays.part(2, part), arrays.vectorsPerThread)
      }
      rates.triad = max(rates.triad, triad)
    }
    return rates
  }

  /// Does the work once on all CPUs and returns its rate, bytes a second.
  private func rate(
    _ bytes: Double, _ cpus: [Int], _ pin: @escaping @Sendable (Int) -> Void,
    _ work: @escaping @Sendable (Int) -> Void
  ) -> Double {
    let start = clock.now()
    PinnedThreads.run(on: cpus, pin: pin, work)
    return bytes / (Double(max(1, clock.now() - start)) / 1e9)
  }

  /// Follows a chain of dependent loads through memory that no cache holds; nil where there is too little memory for it.
  private func latency(_ place: Place, _ machine: Machine, _ pin: @escaping @Sendable (Int) -> Void) -> Double? {
    // One CPU reaches one cache of the last level, not those of the others.
    let level = machine.cpu.caches?.map(\.level).max() ?? 0
    let cache = machine.cpu.caches?.filter { $0.level == level }.map(\.bytes.value.bytes).max() ?? 0
    let bytes = max(64 << 20, 4 * cache)
    guard let cpu = place.cpus.first, bytes <= Self.spareBytes(machine) else { return nil }
    let chain = LatencyChain(lines: bytes / 64)
    PinnedThreads.run(on: [cpu], pin: pin) { _ in chain.follow() }
    return chain.nanoseconds
  }
}
