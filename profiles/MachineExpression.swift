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
    for piece in pieces {
      if let amount = ByteCount(parsing: piece), piece.contains(where: { $0.isLetter }) {
        guard memory == nil else { throw .badLine(text, cause: "two amounts of memory") }
        memory = amount
      } else {
        parts.append(try Self.part(piece, in: text))
      }
    }
    guard !parts.isEmpty else { throw .badLine(text, cause: "no machine, accelerator or processor is named") }
  }

  private static func splitOn(_ text: Substring) -> [String] {
    var pieces: [[Substring]] = [[]]
    for word in text.split(separator: " ") {
      if word.lowercased() == "on" { pieces.append([]) } else { pieces[pieces.count - 1].append(word) }
    }
    return pieces.map { $0.joined(separator: " ") }.filter { !$0.isEmpty }
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
    for part in expression.parts where part.name.lowercased() != "cpu" {
      let entry = try entry(named: part.name)
      let part = (count: part.count, machine: try MachineProfile.read(file: entry.path))
      if part.count > 1, entry.shelf != .processors, let cause = part.machine.uncountable {
        throw ProfileError.badLine(
          expression.text, cause: "\(part.count) of \(entry.name) make no machine, for \(cause)")
      }
      machine.add(part.machine, count: part.count, from: entry)
    }
    if let memory = expression.memory {
      machine.memory.totalBytes = Figure(memory, .user, "stated as \(memory)")
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
    let isWhole = memory.totalBytes != nil || cpu.cores != nil || unifiedMemory?.value == true
    return isWhole ? "each of them is a whole machine" : nil
  }

  /// Adds so many of another machine's parts to this one.
  fileprivate mutating func add(_ other: Machine, count: Int, from entry: Profiles.Entry) {
    for _ in 0..<count { accelerators += other.accelerators }
    if entry.shelf == .processors {
      cpu = other.cpu
      cpu.packages = Figure(count, .user, "stated in the line")
      cpu.cores = other.cpu.cores.map { Figure($0.value * count, $0.source) }
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
    guard count > 1, let rate = other.accelerators.first?.interconnectGigabytesPerSecond else { return }
    let first = accelerators.count - count * other.accelerators.count
    for a in first..<accelerators.count {
      for b in (a + 1)..<max(a + 1, accelerators.count) {
        links.append(
          Link(
            kind: accelerators[a].vendor.value.uppercased() == "AMD" ? "xgmi" : "nvlink", a: "gpu\(a)", b: "gpu\(b)",
            gigabytesPerSecond: rate))
      }
    }
  }
}
