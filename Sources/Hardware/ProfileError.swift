public import Units

/// Why a profile was refused.
public enum ProfileError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(name: String, limit: Int)
  case otherSchema(name: String, schema: String)
  case invalid(name: String, cause: String)
  /// A line such as `2x rtx-4090, 128 GiB` that describes no machine.
  case badLine(String, cause: String)
  case unknownName(String, nearest: [String])
  case ambiguous(String, candidates: [String])
  /// A name that already stands for another machine.
  case taken(String, path: String, isCatalogue: Bool)
  /// A file that is no profile, where one was expected.
  case notProfile(path: String)
  /// A name that a profile's file cannot have.
  case badName(String)

  /// Where to see how a profile is written.
  public static let example =
    "plimsoll machines show rtx-4090 --yaml prints an example; docs/hardware.md describes the form"

  public var description: String {
    switch self {
    case .tooLarge(let name, let limit): "\(name) is larger than the \(limit) bytes that a profile may have"
    case .otherSchema(let name, let schema): "\(name) has the schema \(schema), not \(Machine.schema)"
    case .invalid(let name, let cause): "\(name) is not a machine profile: \(cause)"
    case .badLine(let text, let cause): "\"\(text)\" describes no machine: \(cause)"
    case .taken(let name, let path, let isCatalogue):
      isCatalogue ? "\(name) is a machine of the catalogue" : "a profile called \(name) is already kept as \(path)"
    case .unknownName(let name, _): "no machine, accelerator or processor is called \(name)"
    case .ambiguous(let name, let candidates):
      "\(name) could be \(candidates.prefix(8).joined(separator: ", "))"
        + (candidates.count > 8 ? " or one of \(candidates.count - 8) more" : "")
    case .notProfile(let path): "\(path) is a file, and no profile of a machine"
    case .badName(let name):
      "\(name) cannot be a profile's name: letters, digits, hyphens, dots and underscores can, and no amount or count"
    }
  }

  public var reason: Reason {
    switch self {
    case .tooLarge: Reason(.profileTooLarge, description)
    case .otherSchema: Reason(.profileSchema, description)
    case .invalid:
      Reason(
        .invalidProfile, description, remedy: Self.example)
    case .badLine: Reason(.badMachineLine, description, remedy: "write it as \"2x rtx-4090, 128 GiB\"")
    case .taken(_, _, let isCatalogue):
      Reason(
        .nameTaken, description,
        remedy: isCatalogue ? "give another name" : "use another name, or --replace to overwrite it")
    case .unknownName(_, let nearest):
      Reason(
        .unknownMachine, description,
        remedy: nearest.isEmpty
          ? "plimsoll machines list shows all names"
          : "nearest: \(nearest.joined(separator: ", ")); plimsoll machines list shows all names")
    case .ambiguous: Reason(.ambiguousMachine, description, remedy: "name one of them")
    case .notProfile(let path):
      Reason(
        .notAProfile, description,
        remedy: "for a dump: plimsoll probe --from \(path) --save NAME, and name that")
    case .badName: Reason(.badProfileName, description)
    }
  }

  public var outcome: FailureOutcome {
    switch self {
    case .unknownName, .ambiguous, .badName, .badLine, .taken: .usage
    default: .refusedInput
    }
  }
}
