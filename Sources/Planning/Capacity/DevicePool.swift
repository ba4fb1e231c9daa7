import Engines
import Hardware
import Units

/// Devices of a box that can work on one server: all of one kind, or all that one maker made.
struct DevicePool: Sendable {
  /// Which of the machine's pools it is.
  var number: Int
  /// Indices into the listed machine's accelerators; empty for its processors.
  var members: [Int]
  /// How many of its devices each link island has, most first.
  var islands: [Int]
  /// The device that tensor parallelism is held to: all wait for the slowest, and fill no more than the smallest.
  var weakest: SpeedDevice
  /// The device that layers in turn see: as fast as the shares of the model that each holds.
  var blend: SpeedDevice

  var count: Int { islands.reduce(0, +) }
  var isProcessor: Bool { members.isEmpty }
  /// Accelerators that differ.
  var isMixed: Bool { weakest != blend }

  func device(for engine: EngineKind) -> SpeedDevice { engine.isLlamaCpp ? blend : weakest }

  /// Bytes of one device that a server may fill, as placements count them.
  func room(_ placing: Placing, _ engine: EngineKind) -> Double {
    guard !isProcessor else { return placing.hostBytes }
    let rooms = members.map { placing.usable($0, engine: engine) }
    return engine.isLlamaCpp ? rooms.reduce(0, +) / Double(rooms.count) : rooms.min() ?? 0
  }
}

extension DevicePool {
  /// The pools of a box; none where no memory's bandwidth is known.
  static func pools(of box: SizingBox) -> [DevicePool] {
    let machine = box.machine
    guard !machine.accelerators.isEmpty else {
      guard let device = SpeedDevice(processorsOf: machine) else { return [] }
      return [DevicePool(number: 0, members: [], islands: [1], weakest: device, blend: device)]
    }
    let devices = machine.accelerators.map { device($0, of: machine) }
    let islands = DeviceIslands(machine).islands
    func pool(_ number: Int, _ members: [Int]) -> DevicePool? {
      let own = members.compactMap { devices[$0] }
      guard own.count == members.count, let first = own.first else { return nil }
      // Layers go to devices by their memory.
      let isMixed = Set(own.map(\.slug)).count > 1
      let blend = isMixed ? SpeedDevice.inTurn(own, shares: own.map(\.memory)) : first
      let counts = islands.map { island in island.count { members.contains($0) } }.filter { $0 > 0 }
      return DevicePool(
        number: number, members: members, islands: box.isCounted ? [box.accelerators] : counts.sorted(by: >),
        weakest: isMixed ? SpeedDevice.slowest(of: own) : first, blend: blend)
    }
    let kinds = Dictionary(grouping: machine.accelerators.indices) { machine.accelerators[$0].kindWords }
      .values.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    var sets = kinds
    let makers = Set(machine.accelerators.map(\.vendor.value))
    if kinds.count > 1, makers.count == 1 { sets.append(Array(machine.accelerators.indices)) }
    return sets.enumerated().compactMap { pool($0.offset, $0.element) }
  }

  private static func device(_ accelerator: Accelerator, of machine: Machine) -> SpeedDevice? {
    guard var device = SpeedDevice(accelerator, of: machine) else { return nil }
    if accelerator.sharesMemory == true, let working = machine.memory.acceleratorBytes?.value {
      device.memory = Double(working.bytes)
    }
    return device
  }
}

extension Accelerator {
  /// What tells one kind of accelerator from another.
  fileprivate var kindWords: String {
    "\(vendor.value) \(catalogue ?? model?.value ?? "") \(memoryBytes?.value.bytes ?? 0)"
  }
}
