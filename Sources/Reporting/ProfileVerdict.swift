import Hardware
import Units

/// What `machines validate` says of one file.
public struct ProfileVerdict: Encodable, Sendable {
  public var file: String
  public var isValid: Bool
  /// The machine's name, where the profile is one.
  public var name: String?
  /// What is wrong with it, where it is not.
  public var error: String?

  public init(file: String) {
    self.file = file
    do {
      name = try MachineProfile.read(file: file).name
      isValid = true
    } catch {
      self.error = (error as? any ExplainedError)?.reason.message ?? "\(error)"
      isValid = false
    }
  }

  public var words: String {
    error.map { printable($0) } ?? "\(file): \(name ?? "") is a valid \(Machine.schema) profile"
  }
}

/// The verdicts as `machines validate --json` prints them.
public struct ProfileVerdicts: Encodable, Sendable {
  public var schema = "plimsoll.machine-validation/1"
  public var files: [ProfileVerdict]

  public init(files: [ProfileVerdict]) { self.files = files }

  private enum CodingKeys: String, CodingKey { case schema, files }

  /// How many are no valid profile.
  public var wrong: Int { files.count { !$0.isValid } }

  /// A line for each file.
  public func rendered() -> String { files.map(\.words).joined(separator: "\n") }
}
