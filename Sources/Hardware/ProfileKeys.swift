import Units
import Yams

/// The keys that a profile may have; one that is misspelt would drop its figure without a word.
enum ProfileKeys {
  /// Returns a sentence on the first key of a text that was not read into the machine; nil where all were.
  static func unread(of node: Node, readAs machine: Machine) throws -> String? {
    guard let read = try Yams.compose(yaml: try YAMLEncoder().encode(machine)) else { return nil }
    guard let key = unread(node, read, path: "") else { return nil }
    let name = key.split(separator: ".").last.map { String($0) } ?? key
    let nearest = nearestNames(to: name, in: names.subtracting([name]), count: 1).first
    return "unknown key \(key)" + (nearest.map { " (\($0)?)" } ?? "")
  }

  /// Compares what was written with what was read of it. Below a key that was not read nothing is looked at, so that the
  /// walk is no longer than the decoder's.
  private static func unread(_ written: Node, _ read: Node, path: String) -> String? {
    switch (written, read) {
    case (.mapping(let written), .mapping(let read)):
      for (key, value) in written {
        let name = key.string ?? ""
        let place = path.isEmpty ? name : "\(path).\(name)"
        // An amount of memory may be given as any other value.
        if let other = read[key] ?? (name == "value" ? read["bytes"] : nil) {
          if let found = unread(value, other, path: place) { return found }
        } else if !names.contains(name) || !isEmpty(value) {
          return place
        }
      }
    case (.sequence(let written), .sequence(let read)):
      for (index, pair) in zip(written, read).enumerated() {
        if let found = unread(pair.0, pair.1, path: "\(path)[\(index)]") { return found }
      }
    default: break
    }
    return nil
  }

  private static func isEmpty(_ node: Node) -> Bool {
    node.null != nil || node.sequence?.isEmpty ?? false || node.mapping?.isEmpty ?? false
  }

  /// The names of all fields of a profile, wherever they stand.
  private static let names: Set<String> = {
    let text = Figure("", .user, "")
    let count = Figure(0, .user, "")
    let parts: [Any] = [
      Machine(name: ""), SystemIdentity(), Processor(), CoreKind(name: ""), NUMANode(id: 0), MachineMemory(),
      Cache(level: 1, type: "", bytes: Figure(.zero, .user, ""), count: count), MemoryChannels(),
      HighBandwidthMemory(), Accelerator(vendor: Figure(.unknown, .user, "")), Link(kind: .pcie, a: "", b: ""),
      Storage(name: ""), SoftwareVersion("", text),
      NetworkDevice(names: []), Partition(memoryShare: 1, computeShare: 1),
      EngineSpeed(engine: "", model: ""),
      ComputeRate(weightBits: 8, instructions: "", threads: 1, teraOperationsPerSecond: Figure(0, .user, "")),
      ThreadBandwidth(threads: 1, bandwidth: Figure(0, .user, "")),
      Price(amount: Figure(0, .user, ""), currency: "", basis: ""), UnknownFact("", reason: ""), text, text.source,
    ]
    return Set(parts.flatMap { Mirror(reflecting: $0).children.compactMap(\.label) }).union(["bytes"])
  }()
}
