public import Units

/// Why an engine or a model could not be installed; nothing half-installed is left.
public enum InstallationError: ExplainedError, Hashable, CustomStringConvertible {
  /// There is no recipe of that name.
  case unknown(name: String)
  case noPython(cause: String)
  case hashMismatch(name: String, words: String)
  /// The package index answered that there is no such file for this machine, or could not be reached.
  case notAvailable(name: String, words: String)
  case diskFull
  case failed(name: String, words: String)
  case unwritable(cause: String)
  case interrupted

  public var description: String { reason.message }

  public var reason: Reason {
    switch self {
    case .unknown(let name):
      Reason(
        .unknownEngine, "there is no recipe for \(name)",
        remedy: "plimsoll engines install takes llama.cpp, mlx, mlx-vlm, vllm or demo-models")
    case .noPython(let cause):
      Reason(
        .pythonMissing, "python3 with the venv module is needed: \(cause)",
        remedy: "on Debian and Ubuntu: apt-get install python3-venv")
    case .hashMismatch(let name, let words):
      Reason(
        .hashMismatch, "a file of \(name) is not the one that was pinned: \(words)",
        remedy: "do not install it by other means")
    case .notAvailable(let name, let words):
      Reason(
        .packageNotAvailable, "\(name) cannot be fetched: \(words)",
        remedy: "check the network and the package index; any llama-server on PATH is used as well")
    case .diskFull:
      Reason(.diskFull, "the disk is full; nothing was installed", remedy: "free some space and try again")
    case .failed(let name, let words): Reason(.installationFailed, "\(name) could not be installed: \(words)")
    case .unwritable(let cause): Reason(.unwritable, cause)
    case .interrupted: Reason(.interrupted, "interrupted; nothing was installed")
    }
  }

  public var outcome: FailureOutcome {
    switch self {
    case .unknown: .usage
    case .hashMismatch: .refusedInput
    case .interrupted: .interrupted
    default: .failed
    }
  }
}
