import Engines
public import Hardware
public import Units

/// One of several servers of the same model on one machine.
public struct ServerCopy: Hashable, Sendable {
  /// Bound to its devices, or to its NUMA node with its share of the threads.
  public var option: PlanOption
  /// The processors that are its alone, as a Linux list; nil where that is not known, or its work is on devices.
  public var cpus: String?
}

/// Several servers of one option on one machine: each on devices or a NUMA node of its own while there are any, and all of
/// them together within what the machine has.
public struct ServerCopies: Sendable {
  let option: PlanOption
  let machine: Machine

  public init(of option: PlanOption, on machine: Machine) {
    self.option = option
    self.machine = machine
  }

  /// Places so many servers.
  ///
  /// - Returns: The servers in order, or why they do not fit, with the largest number that does.
  public func placed(_ count: Int) -> Result<[ServerCopy], Reason> {
    guard count > 1 else { return .success([first]) }
    if let refused = refusal(of: count) {
      let most = (1..<count).last { refusal(of: $0) == nil } ?? 0
      let nearest = most == 1 ? "one server fits: leave --replicas out" : "--replicas \(most) fits"
      return .failure(Reason(refused.code, refused.message, remedy: most > 0 ? nearest : refused.remedy))
    }
    let copies = option.placement.devices.isEmpty ? onProcessors(count) : onDevices(count)
    // What was predicted is of all servers together: a benchmark of one asks anew.
    return .success(
      copies.map { copy in
        var copy = copy
        copy.option.speed = nil
        return copy
      })
  }

  /// One server alone: that of the plan, or the first of several.
  private var first: ServerCopy {
    var one = option
    one.placement = option.placement.server(0, on: machine)
    if option.placement.replicas > 1 { one.speed = nil }
    return ServerCopy(option: one, cpus: cpus(ofNode: one.placement.numaNode))
  }

  private func refusal(of count: Int) -> Reason? {
    option.placement.devices.isEmpty ? processorsRefusal(count) : devicesRefusal(count) ?? hostRefusal(count)
  }

  /// What one server needs of the host at most; nil where nothing was estimated.
  var hostNeed: ByteCount? { option.memory?.devices.first { $0.isHost }?.highBytes }
}

// MARK: - Devices

extension ServerCopies {
  /// The groups of devices that each hold one server, those of the plan first, then others of the same maker.
  var groups: [[Int]] {
    let own = option.placement.devices
    let size = own.count / max(1, option.placement.replicas)
    guard size > 0, let first = own.first, own.allSatisfy(machine.accelerators.indices.contains) else { return [] }
    let maker = machine.accelerators[first].vendor.value
    let others = DeviceIslands(machine).islands.map { island in
      island.filter { !own.contains($0) && machine.accelerators[$0].vendor.value == maker }
    }
    return ([own] + others).flatMap { devices in
      (0..<devices.count / size).map { Array(devices[$0 * size..<($0 + 1) * size]) }
    }
  }

  /// How many servers one group holds, by the devices' memory; without an estimate nothing limits them.
  private func capacity(_ group: [Int]) -> Int {
    guard let memory = option.memory else { return .max }
    let needs = memory.devices.filter { !$0.isHost }.map(\.highBytes)
    let rooms = zip(group, needs).map { device, need in
      guard let usable = machine.usableBytes(ofAccelerator: device)?.value, need > .zero else { return 1 }
      return usable.bytes / need.bytes
    }
    let most = rooms.min() ?? 1
    // An engine with one pool fills its share of a device, however small the model is.
    return option.engine.planning.isPooled ? min(1, most) : most
  }

  private func devicesRefusal(_ count: Int) -> Reason? {
    let all = groups.map { capacity($0) }
    let most = all.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
    guard count > most else { return nil }
    let size = groups.first?.count ?? 1
    return Reason(
      .insufficientDevices,
      "\(count) servers on \(size) device\(size == 1 ? "" : "s") each need more than the \(groups.flatMap { $0 }.count) "
        + "that there are: their memory holds \(most)")
  }

  /// What the servers take of the host beside their devices.
  private func hostRefusal(_ count: Int) -> Reason? {
    guard let need = hostNeed, let usable = machine.usableHostBytes?.value, need * count > usable else { return nil }
    return Reason(
      .insufficientMemory,
      "\(count) servers need up to \(need * count) of the host's memory, and \(usable) can be used")
  }

  /// Group by group, and round again where they have room.
  private func onDevices(_ count: Int) -> [ServerCopy] {
    let rooms = groups.map { (group: $0, room: capacity($0)) }
    var places: [[Int]] = []
    for round in 0..<count where places.count < count { places += rooms.filter { $0.room > round }.map(\.group) }
    return places.prefix(count).map { group in
      var copy = option
      copy.placement.devices = group
      copy.placement.replicas = 1
      let ordinals = group.map { "\(machine.ordinal(of: $0))" }.joined(separator: ",")
      for name in DeviceSelection.variables where copy.launch?.environment[name] != nil {
        copy.launch?.environment[name] = ordinals
      }
      return ServerCopy(option: copy, cpus: nil)
    }
  }
}
