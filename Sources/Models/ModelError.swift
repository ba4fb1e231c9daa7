public import Units

/// Why a model's files could not be read.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such file or folder, or it can't be opened.
  case unreadable(path: String, cause: String)
  /// The bytes end before the header does; at least `needed` bytes from the start would be required.
  case incomplete(needed: Int, have: Int)
  /// The bytes contradict the format.
  case malformed(format: String, offset: Int, cause: String)
  /// The format is known, this form of it is not handled.
  case unsupported(format: String, cause: String)
  /// Nothing in the file or folder is a model.
  case notAModel(path: String, cause: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let cause): "cannot read \(path): \(cause)"
    case .incomplete(let needed, let have):
      "the file ends at byte \(have) inside its header, which needs at least \(needed)"
    case .malformed(let format, let offset, let cause): "damaged \(format) at byte \(offset): \(cause)"
    case .unsupported(let format, let cause): "\(format): \(cause)"
    case .notAModel(let path, let cause): "\(path) is not a model: \(cause)"
    }
  }

  /// The stable code that goes with the sentence.
  public var code: ReasonCode {
    switch self {
    case .unreadable: .fileUnreadable
    case .incomplete: .fileIncomplete
    case .malformed: .fileMalformed
    case .unsupported: .unsupportedFormat
    case .notAModel: .notAModel
    }
  }
}

extension ModelError: ExplainedError {
  public var reason: Reason { Reason(code, description, remedy: remedy) }

  /// How to name a model, where what was named is none.
  private var remedy: String? {
    switch self {
    case .unreadable, .notAModel:
      "name a GGUF file, a folder with safetensors, hf:ORG/NAME, or a name of plimsoll models catalogue"
    case .incomplete, .malformed: "fetch it again, or check it: plimsoll models verify"
    case .unsupported: nil
    }
  }
  public var outcome: FailureOutcome { .refusedInput }
}
