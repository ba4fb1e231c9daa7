import Platform
import Units
import Yams

/// Reads and writes machines as YAML files: the one format of probes, the catalogue and hand-written profiles.
public enum MachineProfile {
  /// The largest profile that is read.
  public static let sizeLimit = 1 << 20

  /// Reads a profile.
  ///
  /// - Parameter checksKeys: whether a key that no field has is refused. That costs as much again as reading, so that what
  ///   comes with the program, which tests check, is read without it.
  /// - Throws: `ProfileError` where the text is not a profile, is too long, or states something impossible.
  public static func read(_ text: String, name: String, checksKeys: Bool = true) throws(ProfileError) -> Machine {
    guard text.utf8.count <= sizeLimit else { throw .tooLarge(name: name, limit: sizeLimit) }
    // Aliases of aliases can make a short text endless; a profile needs a few dozen at most.
    guard text.utf8.count(where: { $0 == UInt8(ascii: "*") }) < 20_000 else {
      throw .tooLarge(name: name, limit: sizeLimit)
    }
    let machine: Machine
    do {
      // What a scalar is, the field says that it is read into: guessing at it by patterns takes longer than the rest.
      guard let node = try Yams.compose(yaml: text, .basic) else {
        throw ProfileError.invalid(name: name, cause: "it is empty")
      }
      machine = try YAMLDecoder().decode(Machine.self, from: node)
      if checksKeys, let key = try ProfileKeys.unread(of: node, readAs: machine) {
        throw ProfileError.invalid(name: name, cause: key)
      }
    } catch let error as ProfileError {
      throw error
    } catch let error as DecodingError {
      throw .invalid(name: name, cause: Self.sentence(error))
    } catch {
      let cause = "\(error)".split(separator: "\n").first.map { String($0) } ?? "not YAML"
      throw .invalid(name: name, cause: cause + (text.contains("\t") ? " (YAML is indented by spaces, not tabs)" : ""))
    }
    guard machine.schema == Machine.schema else { throw .otherSchema(name: name, schema: machine.schema) }
    if let cause = machine.impossibility { throw .invalid(name: name, cause: cause) }
    return machine
  }

  /// Reads a profile from a file.
  public static func read(file path: String, checksKeys: Bool = true) throws -> Machine {
    let file = try MappedFile(path)
    guard file.size <= sizeLimit else { throw ProfileError.tooLarge(name: path, limit: sizeLimit) }
    let text = file.withBytes { bytes in
      bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
    return try read(text, name: path, checksKeys: checksKeys)
  }

  /// Returns the profile's text: one line for each figure, lists that are empty left out.
  public static func text(_ machine: Machine) throws -> String {
    guard let node = try Yams.compose(yaml: try YAMLEncoder().encode(machine)) else { return "" }
    return try Yams.serialize(node: compact(node), width: -1)
  }

  /// Writes a machine as `NAME.yaml` into a folder, which is made, and returns the file's path.
  ///
  /// - Throws: `ProfileError.badName` where the machine's name cannot be a file's, or `FileError`.
  public static func save(_ machine: Machine, folder: String) throws -> String {
    try checkName(machine.name)
    try DataFolders.make(folder)
    let path = "\(folder)/\(machine.name).yaml"
    try writeAtomically(Array(try text(machine).utf8), to: path)
    return path
  }

  /// Checks that a name can be a file's.
  ///
  /// - Throws: `ProfileError.badName`.
  public static func checkName(_ name: String) throws(ProfileError) {
    let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    guard allowed, !name.isEmpty, name.first != ".", name.count <= 100 else { throw .badName(name) }
  }

  private static func compact(_ node: Node) -> Node {
    switch node {
    case .scalar(let scalar):
      // The encoder writes 450 as 4.5e+2; a person does not.
      guard scalar.style == .any || scalar.style == .plain, scalar.string.contains("e"),
        let number = Double(scalar.string)
      else { return node }
      return .scalar(.init(Int(exactly: number).map { String($0) } ?? "\(number)", scalar.tag, scalar.style))
    case .sequence(let sequence):
      let style: Node.Sequence.Style = sequence.allSatisfy { $0.scalar != nil } ? .flow : .block
      return .sequence(.init(sequence.map { compact($0) }, sequence.tag, style))
    case .mapping(let mapping):
      var pairs = mapping.filter { $0.value.sequence?.isEmpty != true && $0.value.mapping?.isEmpty != true }
        .map { ($0.key, compact($0.value)) }
      // A dictionary has no order of its own, and a file should not change from one writing to the next.
      if pairs.allSatisfy({ Self.isFormat($0.0) }) { pairs.sort { ($0.0.string ?? "") < ($1.0.string ?? "") } }
      let isFigure = pairs.contains { $0.0.string == "source" }
      return .mapping(.init(pairs, mapping.tag, isFigure ? .flow : .block))
    default:
      return node
    }
  }

  private static func isFormat(_ key: Node) -> Bool { Machine.numberFormats.contains(key.string ?? "") }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (last.map { [$0] } ?? [])
      let path = keys.reduce("") { $0 + ($1.intValue.map { "[\($0)]" } ?? ($0.isEmpty ? "" : ".") + $1.stringValue) }
      return path.isEmpty ? "the file" : path
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
    case .valueNotFound(_, let context): return "\(place(context)) has no value"
    case .typeMismatch(let type, let context): return "\(place(context)) must be \(words(for: type))"
    case .dataCorrupted(let context): return "\(place(context)): \(context.debugDescription)"
    @unknown default: return "it has another form"
    }
  }

  private static func words(for type: any Any.Type) -> String {
    switch type {
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    case is any Collection.Type: type is any ExpressibleByDictionaryLiteral.Type ? "a mapping" : "a list"
    default: "\(type)".contains("Scalar") ? "a single value" : "a mapping"
    }
  }
}

extension Machine {
  /// Number formats whose peak rates a profile may state.
  ///
  /// Products are added up in 32 bits, but in 16 where the name ends in `acc16`, which GeForce cards do twice as fast.
  static let numberFormats = [
    "fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp6", "fp4", "int8", "int4", "fp16acc16", "fp8acc16",
  ]

  /// What cannot be true of any machine, in one sentence; nil where nothing of the kind is stated.
  public var impossibility: String? {
    if name.isEmpty { return "name is empty" }
    if accelerators.count > 4096 { return "more than 4,096 accelerators" }
    for (index, accelerator) in accelerators.enumerated() {
      // What an integrated GPU may use is more than the part of the memory that is set aside for it.
      if let usable = accelerator.usableBytes?.value, let all = accelerator.memoryBytes?.value, usable > all,
        accelerator.sharesMemory != true
      {
        return "accelerators[\(index)].usableBytes is more than its memoryBytes"
      }
      if let bandwidth = accelerator.bandwidth?.value, !(1e8...1e15).contains(bandwidth) {
        return "accelerators[\(index)].bandwidth is \(bandwidth) bytes a second: give bytes, not GB"
      }
    }
    if let cores = cpu.cores?.value, cores < 1 { return "cpu.cores is \(cores)" }
    let rates =
      [("cpu", cpu.teraOperationsPerSecond)]
      + accelerators.enumerated().map { ("accelerators[\($0)]", $1.teraOperationsPerSecond) }
    for (part, all) in rates {
      for (format, rate) in (all ?? [:]).sorted(by: { $0.key < $1.key }) {
        let path = "\(part).teraOperationsPerSecond.\(format)"
        if !Self.numberFormats.contains(format) {
          return "unknown key \(path): known are \(Self.numberFormats.joined(separator: ", "))"
        }
        if !(1e-4...1e6).contains(rate.value) { return "\(path) is \(rate.value): give 10^12 operations a second" }
      }
    }
    if let bandwidth = memory.bandwidth?.value, !(1e7...1e15).contains(bandwidth) {
      return "memory.bandwidth is \(bandwidth) bytes a second: give bytes, not GB"
    }
    if let total = memory.totalBytes?.value, total < .mebibytes(16) {
      return "memory.totalBytes is under 16 MiB: give bytes"
    }
    return nil
  }
}
