public import Hardware
import Platform
public import Units

/// A machine written in one line: `8x h100-sxm on 2x xeon-8480, 2 TiB`, `2x rtx-4090, 128 GiB`, `cpu, 64 GiB`.
///
/// Parts are parted by commas or `on`: accelerators or a whole machine with a count, a processor with a count of
/// sockets, an amount of memory, and `cpu` for "no accelerator".
public struct MachineExpression: Hashable, Sendable {
  /// A counted name.
  public struct Part: Hashable, Sendable {
    public var count: Int
    public var name: String
    /// True after `on`: what the rest is plugged into.
    public var isHost = false

    public init(count: Int, name: String, isHost: Bool = false) {
      self.count = count
      self.name = name
      self.isHost = isHost
    }
  }

  public var parts: [Part]
  public var memory: ByteCount?
  public let text: String

  /// Parses the line.
  ///
  /// - Throws: `ProfileError.badLine` for an empty part, a count outside 1...1024, or two amounts of memory.
  public init(_ text: String) throws(ProfileError) {
    self.text = text
    parts = []
    let pieces = text.split(separator: ",").flatMap { Self.splitOn($0) }
    for (index, (piece, isHost)) in pieces.enumerated() {
      if piece.allSatisfy(\.isNumber) {
        if pieces.dropFirst(index + 1).first?.piece.first?.isNumber == true, text.contains("\(piece),") {
          throw .badLine(text, cause: "commas part its pieces: a decimal has a point, as in \(piece).5 GiB")
        }
        throw .badLine(text, cause: "\(piece) of what? An amount has a unit, as in \(piece) GiB")
      }
      if let amount = ByteCount(parsing: piece), piece.contains(where: { $0.isLetter }) {
        guard memory == nil else { throw .badLine(text, cause: "two amounts of memory") }
        guard amount >= .mebibytes(16) else { throw .badLine(text, cause: "\(piece) of memory run nothing") }
        memory = amount
      } else {
        var part = try Self.part(piece, in: text)
        part.isHost = isHost
        parts.append(part)
      }
    }
    guard !parts.isEmpty else { throw .badLine(text, cause: "no machine, accelerator or processor is named") }
  }

  private static func splitOn(_ text: Substring) -> [(piece: String, isHost: Bool)] {
    let words = text.split(separator: " ")
    return words.split { $0.lowercased() == "on" }.map { piece in
      (piece.joined(separator: " "), piece.startIndex > words.startIndex)
    }
  }

  private static func part(_ piece: String, in text: String) throws(ProfileError) -> Part {
    let words = piece.split(separator: " ")
    guard let first = words.first else { throw .badLine(text, cause: "an empty part") }
    let lowered = first.lowercased()
    if let sign = lowered.firstIndex(of: "x"), sign != lowered.startIndex, let count = Int(lowered[..<sign]) {
      guard (1...1024).contains(count) else { throw .badLine(text, cause: "\(count) of anything") }
      let rest = String(lowered[lowered.index(after: sign)...])
      let name = ([rest] + words.dropFirst().map { String($0) }).filter { !$0.isEmpty }.joined(separator: "-")
      guard !name.isEmpty else { throw .badLine(text, cause: "a count without a name") }
      return Part(count: count, name: name)
    }
    return Part(count: 1, name: words.joined(separator: "-"))
  }
}

extension Profiles {
  /// Makes the machine that a line describes; each figure keeps the source of its entry.
  ///
  /// - Throws: `ProfileError` for a name that is not known or not clear.
  public func machine(composedOf expression: MachineExpression) throws -> Machine {
    if expression.parts.count == 1, expression.memory == nil, expression.parts[0].count == 1,
      expression.parts[0].name.lowercased() != "cpu"
    {
      return try machine(named: expression.parts[0].name)
    }
    var machine = Machine(name: expression.text)
    var host: Entry?
    for part in expression.parts where part.name.lowercased() != "cpu" {
      let entry = try entry(named: part.name)
      if part.isHost, entry.shelf == .accelerators {
        throw ProfileError.badLine(
          expression.text, cause: "\(entry.name) is no processor, which is what stands after \"on\"")
      }
      let part = (count: part.count, machine: try MachineProfile.read(file: entry.path))
      if part.count > 1, entry.shelf != .processors, let cause = part.machine.uncountable {
        throw ProfileError.badLine(
          expression.text, cause: "\(part.count) of \(entry.name) make no machine, for \(cause)")
      }
      let isWhole = entry.shelf == .processors || part.machine.isWhole
      if let host, isWhole {
        throw ProfileError.badLine(expression.text, cause: "\(host.name) and \(entry.name) both bring a processor")
      }
      if isWhole { host = entry }
      machine.add(part.machine, count: part.count, from: entry)
    }
    if let memory = expression.memory {
      guard machine.unifiedMemory?.value != true else {
        throw ProfileError.badLine(
          expression.text,
          cause:
            "its accelerators share \(machine.memory.totalBytes.map { "\($0.value)" } ?? "a memory") that is soldered on"
        )
      }
      machine.memory.state(Figure(memory, .user, "stated as \(memory)"))
    }
    if machine.memory.totalBytes == nil {
      machine.unknowns.append(
        UnknownFact(
          "memory.totalBytes", reason: "not stated", command: "add an amount, as in \"\(expression.text), 128 GiB\""))
    }
    return machine
  }
}

extension Machine {
  /// Why several of it are not one machine; nil for what can be put into a machine several times.
  fileprivate var uncountable: String? {
    if accelerators.isEmpty { return "it has no accelerators" }
    return isWhole ? "each of them is a whole machine" : nil
  }

  /// True for more than accelerators alone.
  fileprivate var isWhole: Bool { memory.totalBytes != nil || cpu.cores != nil || unifiedMemory?.value == true }

  /// Adds so many of another machine's parts to this one.
  fileprivate mutating func add(_ other: Machine, count: Int, from entry: Profiles.Entry) {
    for _ in 0..<count { accelerators += other.accelerators }
    if entry.shelf == .processors {
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
    } else if entry.shelf != .accelerators {
      let name = name
      let own = accelerators
      self = other
      self.name = name
      accelerators = own
    }
    if let single = other.price {
      let total = Figure(single.amount.value * Double(count) + (price?.amount.value ?? 0), single.amount.source)
      price = Price(amount: total, currency: single.currency, basis: single.basis)
    }
    // Peers on one link fabric, by what the accelerator's own entry says.
    if count > 1, !other.accelerators.isEmpty {
      linkPeers((accelerators.count - count * other.accelerators.count)..<accelerators.count)
    }
  }
}

extension MachineMemory {
  /// Takes another amount than there was, with which nothing that was probed of the old one holds.
  fileprivate mutating func state(_ total: Figure<ByteCount>) {
    totalBytes = total
    (availableBytes, limitBytes, limitUsedBytes, installedBytes) = (nil, nil, nil, nil)
  }
}
