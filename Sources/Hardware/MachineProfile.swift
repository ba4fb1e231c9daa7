import Platform
public import Units
import Yams

/// Reads and writes machines as YAML files: the one format of probes, the catalogue and hand-written profiles.
public enum MachineProfile {
  /// The largest profile that is read.
  public static let sizeLimit = 1 << 20

  /// Reads a profile.
  ///
  /// - Throws: `ProfileError` where the text is not a profile, is too long, or states something impossible.
  public static func read(_ text: String, name: String) throws(ProfileError) -> Machine {
    guard text.utf8.count <= sizeLimit else { throw .tooLarge(name: name, limit: sizeLimit) }
    // Aliases of aliases can make a short text endless; a profile needs a few dozen at most.
    guard text.utf8.count(where: { $0 == UInt8(ascii: "*") }) < 20_000 else {
      throw .tooLarge(name: name, limit: sizeLimit)
    }
    let machine: Machine
    do {
      machine = try YAMLDecoder().decode(Machine.self, from: text)
    } catch let error as DecodingError {
      throw .invalid(name: name, cause: Self.sentence(error))
    } catch {
      throw .invalid(name: name, cause: "\(error)".split(separator: "\n").first.map { String($0) } ?? "not YAML")
    }
    guard machine.schema == Machine.schema else { throw .otherSchema(name: name, schema: machine.schema) }
    if let cause = machine.impossibility { throw .invalid(name: name, cause: cause) }
    return machine
  }

  /// Reads a profile from a file.
  public static func read(file path: String) throws -> Machine {
    let file = try MappedFile(path)
    guard file.size <= sizeLimit else { throw ProfileError.tooLarge(name: path, limit: sizeLimit) }
    let text = file.withBytes { bytes in
      bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
    return try read(text, name: path)
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
    let allowed = machine.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    guard allowed, !machine.name.isEmpty, machine.name.first != ".", machine.name.count <= 100 else {
      throw ProfileError.badName(machine.name)
    }
    try DataFolders.make(folder)
    let path = "\(folder)/\(machine.name).yaml"
    try writeAtomically(Array(try text(machine).utf8), to: path)
    return path
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
      let pairs = mapping.filter { $0.value.sequence?.isEmpty != true && $0.value.mapping?.isEmpty != true }
        .map { ($0.key, compact($0.value)) }
      let isFigure = pairs.contains { $0.0.string == "source" }
      return .mapping(.init(pairs, mapping.tag, isFigure ? .flow : .block))
    default:
      return node
    }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      let path = place(context)
      return "\(path.isEmpty ? "" : path + ".")\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      // Yams puts the line and column of broken YAML into the underlying error.
      let detail = context.underlyingError.map { "\($0)".split(separator: "\n").first.map(String.init) ?? "" }
      let path = place(context)
      return (path.isEmpty ? "" : "\(path): ") + (detail ?? context.debugDescription)
    @unknown default:
      return "not a profile"
    }
  }
}

/// Why a profile was refused.
public enum ProfileError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(name: String, limit: Int)
  case otherSchema(name: String, schema: String)
  case invalid(name: String, cause: String)
  case unknownName(String, nearest: [String])
  case ambiguous(String, candidates: [String])
  /// A name that a profile's file cannot have.
  case badName(String)

  public var description: String {
    switch self {
    case .tooLarge(let name, let limit): "\(name) is larger than the \(limit) bytes that a profile may have"
    case .otherSchema(let name, let schema): "\(name) has the schema \(schema), not \(Machine.schema)"
    case .invalid(let name, let cause): "\(name) is not a machine profile: \(cause)"
    case .unknownName(let name, _): "no machine, accelerator or processor is called \(name)"
    case .ambiguous(let name, let candidates): "\(name) could be \(candidates.joined(separator: ", "))"
    case .badName(let name): "\(name) cannot be a profile's name: letters, digits, hyphens, dots and underscores can"
    }
  }

  public var reason: Reason {
    switch self {
    case .tooLarge: Reason("profile-too-large", description)
    case .otherSchema: Reason("profile-schema", description)
    case .invalid: Reason("invalid-profile", description)
    case .unknownName(_, let nearest):
      Reason(
        "unknown-machine", description,
        remedy: nearest.isEmpty
          ? "plimsoll machines list shows all names"
          : "near it: \(nearest.joined(separator: ", ")); plimsoll machines list shows all names")
    case .ambiguous: Reason("ambiguous-machine", description, remedy: "name one of them")
    case .badName: Reason("bad-profile-name", description)
    }
  }

  public var outcome: FailureOutcome {
    switch self {
    case .unknownName, .ambiguous, .badName: .usage
    default: .refusedInput
    }
  }
}

extension Machine {
  /// What cannot be true of any machine, in one sentence; nil where nothing of the kind is stated.
  public var impossibility: String? {
    if name.isEmpty { return "name is empty" }
    if accelerators.count > 4096 { return "more than 4,096 accelerators" }
    for (index, accelerator) in accelerators.enumerated() {
      if let usable = accelerator.usableBytes?.value, let all = accelerator.memoryBytes?.value, usable > all {
        return "accelerators[\(index)].usableBytes is more than its memoryBytes"
      }
      if let bandwidth = accelerator.bandwidth?.value, !(1e8...1e15).contains(bandwidth) {
        return "accelerators[\(index)].bandwidth is \(bandwidth) bytes a second: give bytes, not GB"
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
