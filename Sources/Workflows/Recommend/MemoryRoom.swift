import Engines
import Hardware
import Planning
import Units

/// What an option leaves of a machine's memory.
struct MemoryRoom {
  private let option: PlanOption
  private let machine: Machine

  init(of option: PlanOption, on machine: Machine) {
    self.option = option
    self.machine = machine
  }

  /// A device's bytes at most, with those of the others that lie in the same memory, and what of it is usable.
  private struct Pool {
    var taken: Int
    var usable: Int?
    var cache: Int
  }

  /// Each device with what it may use, and the host with the accelerators that share its memory.
  private var pools: [Pool] {
    let devices = option.memory?.devices ?? []
    let shared = devices.filter(isShared)
    return ((shared.count > 1 ? [shared] : []) + devices.map { [$0] }).map { parts in
      Pool(
        taken: parts.reduce(0) { $0 + $1.highBytes.bytes },
        usable: parts.compactMap { $0.usableBytes?.value.bytes }.max(),
        cache: parts.reduce(0) { $0 + $1.components.kvCache.value.bytes })
    }
  }

  private func isShared(_ device: DeviceMemory) -> Bool {
    if device.isHost { return true }
    guard let index = Accelerator.index(named: device.name), machine.accelerators.indices.contains(index) else {
      return false
    }
    return machine.accelerators[index].sharesMemory == true
  }

  /// The share of the fullest memory that is left, 0 to 1.
  var share: Double {
    let shares = pools.compactMap { pool in pool.usable.map { Double(pool.taken) / Double(max(1, $0)) } }
    return max(0, 1 - (shares.max() ?? 1))
  }

  /// Two gigabytes, or a quarter of a small memory: what a system and a browser or a few services take. Not asked for where
  /// the memory that is free was read, for then it is taken off already.
  private static let systemBytes = ByteCount.gibibytes(2).bytes

  var leavesSystemRoom: Bool {
    guard machine.memory.availableBytes == nil, let total = machine.memory.totalBytes?.value.bytes else { return true }
    let taken = (option.memory?.devices ?? []).filter(isShared).reduce(0) { $0 + $1.highBytes.bytes }
    return taken == 0 || total - taken >= min(Self.systemBytes, total / 4)
  }

  /// The context that what is free has room for, by what a token takes of each memory that holds a part of the cache.
  func longestContext(trained: Int) -> Int {
    let most = trained > 0 ? trained : option.contextLength
    // What had to be shortened to fit has no more.
    guard option.contextLength > 0, (option.concessions ?? []).isEmpty else { return option.contextLength }
    // More of the weights on the host make room for more context on the accelerators.
    if isSpread { return min(most, option.contextLength + spreadContext) }
    let more = pools.compactMap { pool -> Int? in
      guard pool.cache > 0, let usable = pool.usable else { return nil }
      return Int(Double(max(0, usable - pool.taken)) * Double(option.contextLength) / Double(pool.cache))
    }
    return min(most, option.contextLength + (more.min() ?? most))
  }

  /// True where a part of the weights lies on the host beside accelerators with a memory of their own.
  var isSpread: Bool {
    !option.placement.devices.isEmpty && !option.isWhole(on: machine)
      && !machine.accelerators.contains { $0.sharesMemory == true }
  }

  /// The tokens that all memory together has room for beyond those that were planned.
  private var spreadContext: Int {
    let devices = option.memory?.devices ?? []
    let cache = devices.reduce(0) { $0 + $1.components.kvCache.value.bytes }
    let free = devices.reduce(0) { $0 + max(0, ($1.usableBytes?.value.bytes ?? 0) - $1.highBytes.bytes) }
    return cache > 0 ? Int(Double(free) * Double(option.contextLength) / Double(cache)) : 0
  }
}
