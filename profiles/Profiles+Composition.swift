public import Hardware
import Units

extension Profiles {
  /// Makes the machine that a line describes; each figure keeps the source of its entry.
  ///
  /// - Throws: `ProfileError` for a name that is not known or not clear.
  public func machine(composedOf expression: MachineExpression) throws -> Machine {
    try machine(composedOf: expression, depth: 0)
  }

  /// - Parameter depth: how many entries, each a part of the one before, led here.
  func machine(composedOf expression: MachineExpression, depth: Int) throws -> Machine {
    if expression.isNameAlone { return try machine(try entry(named: expression.parts[0].name), depth: depth) }
    var machine = Machine(name: expression.text)
    var host: Entry?
    for part in expression.parts where !part.isPlainProcessor {
      let entry = try entry(named: part.name, memory: part.count == 1 ? expression.memory : nil)
      if part.isHost, entry.shelf == .accelerators {
        throw ProfileError.badLine(
          expression.text, cause: "\(entry.name) is not a processor, which comes after \"on\"")
      }
      let part = (count: part.count, machine: try self.machine(entry, depth: depth))
      if part.count > 1, entry.shelf != .processors, let cause = part.machine.uncountable(entry) {
        throw ProfileError.badLine(
          expression.text, cause: "\(part.count) of \(entry.name) make no machine, for \(cause)")
      }
      let isWhole = entry.shelf == .processors || part.machine.isWhole(entry)
      if let host, isWhole {
        throw ProfileError.badLine(expression.text, cause: "\(host.name) and \(entry.name) both bring a processor")
      }
      if isWhole { host = entry }
      machine.add(part.machine, count: part.count, from: entry)
    }
    try machine.state(expression)
    return machine
  }
}

extension Machine {
  /// Why several of it are not one machine; nil for what can be put into a machine several times.
  fileprivate func uncountable(_ entry: Profiles.Entry) -> String? {
    if accelerators.isEmpty { return "it has no accelerators" }
    if accelerators.contains(where: { $0.sharesMemory == true }), entry.shelf == .accelerators {
      return "it is part of a processor"
    }
    return isWhole(entry) ? "each of them is a whole machine" : nil
  }

  /// True for more than accelerators alone.
  fileprivate func isWhole(_ entry: Profiles.Entry) -> Bool {
    entry.shelf != .accelerators && (memory.totalBytes != nil || cpu.cores != nil || unifiedMemory?.value == true)
  }

  /// Takes what the line states itself, which goes before what its parts say.
  fileprivate mutating func state(_ line: MachineExpression) throws(ProfileError) {
    if let stated = line.processor { cpu.state(stated) }
    if let stated = line.memory { try state(stated, in: line) }
    if let rate = line.bandwidth {
      let figure = Figure(rate, .user, "stated in the line")
      memory.bandwidth = figure
      for index in accelerators.indices where accelerators[index].sharesMemory == true {
        accelerators[index].bandwidth = figure
      }
      unknowns.removeAll { $0.fact == "memory.bandwidth" }
    }
    shareMemory()
    if memory.totalBytes == nil {
      unknowns.append(
        UnknownFact(
          "memory.totalBytes", reason: "not stated", command: "add an amount, as in \"\(line.text), 128 GiB\""))
    }
  }

  private mutating func state(_ total: ByteCount, in line: MachineExpression) throws(ProfileError) {
    if unifiedMemory?.value == true, let own = memory.installedBytes ?? memory.totalBytes {
      // Stated as it is: nothing to change.
      if total.isNear(own.value) { return }
      throw .badLine(line.text, cause: "its accelerators share \(own.value) of memory that are soldered on")
    }
    memory.state(Figure(total, .user, "stated as \(total)"))
  }

  /// An integrated GPU has the machine's memory, at the machine's speed.
  private mutating func shareMemory() {
    guard let total = memory.totalBytes else { return }
    for index in accelerators.indices
    where accelerators[index].sharesMemory == true && accelerators[index].memoryBytes == nil {
      accelerators[index].memoryBytes = total
      if let bandwidth = memory.bandwidth {
        accelerators[index].bandwidth = bandwidth
      } else {
        memory.bandwidth = accelerators[index].bandwidth
      }
      if memory.acceleratorBytes == nil {
        memory.acceleratorBytes = Figure(
          ByteCount(total.value.bytes / 2), .assumed, "half of the memory, as drivers allow where nothing is set")
      }
    }
  }

  /// Adds so many of another machine's parts to this one.
  fileprivate mutating func add(_ other: Machine, count: Int, from entry: Profiles.Entry) {
    for _ in 0..<count { accelerators += other.accelerators }
    switch entry.shelf {
    case .processors: add(sockets: other, count: count)
    case .accelerators: if let shared = other.unifiedMemory { unifiedMemory = shared }
    case .machines, .personal:
      let name = name
      let own = accelerators
      self = other
      self.name = name
      accelerators = own
      (aliases, parts, shortlist) = (nil, nil, nil)
    }
    if let single = other.price {
      let total = Figure(single.amount.value * Double(count) + (price?.amount.value ?? 0), single.amount.source)
      price = Price(amount: total, currency: single.currency, basis: single.basis)
    }
    join(other, count: count)
  }

  private mutating func add(sockets other: Machine, count: Int) {
    cpu = other.cpu
    cpu.packages = Figure(count, .user, "stated in the line")
    cpu.cores = other.cpu.cores.map { Figure($0.value * count, $0.source) }
    cpu.threads = other.cpu.threads.map { Figure($0.value * count, $0.source) }
    cpu.watts = other.cpu.watts.map { Figure($0.value * Double(count), $0.source) }
    cpu.teraOperationsPerSecond = other.cpu.teraOperationsPerSecond?.mapValues { rate in
      rate.map { $0 * Double(count) }
    }
    memory = other.memory
    memory.bandwidth = other.memory.bandwidth.map { Figure($0.value * Double(count), $0.source) }
    memory.channels?.populated = other.memory.channels?.populated.map { Figure($0.value * count, $0.source) }
    memory.channels?.possible = other.memory.channels?.possible.map { Figure($0.value * count, $0.source) }
    memory.highBandwidth?.totalBytes = other.memory.highBandwidth?.totalBytes?.map { ByteCount($0.bytes * count) }
    memory.highBandwidth?.bandwidth = other.memory.highBandwidth?.bandwidth?.map { $0 * Double(count) }
  }

  /// Links peers on one fabric, by what the accelerator's own entry says.
  private mutating func join(_ other: Machine, count: Int) {
    guard count > 1, !other.accelerators.isEmpty else { return }
    linkPeers((accelerators.count - count * other.accelerators.count)..<accelerators.count)
  }
}

extension MachineMemory {
  /// Takes another amount than there was, with which nothing that was probed of the old one holds.
  fileprivate mutating func state(_ total: Figure<ByteCount>) {
    totalBytes = total
    (availableBytes, limitBytes, limitUsedBytes, installedBytes) = (nil, nil, nil, nil)
  }
}
