public import Units

/// Why a deployment could not be made, found or ended.
public enum DeploymentError: ExplainedError, Hashable, CustomStringConvertible {
  /// No usable program of the engine.
  case noEngine(Reason)
  /// The option cannot be launched as it stands.
  case notLaunchable(Reason)
  /// The machine has no room for it.
  case doesNotFit(Reason)
  /// The model could run code that the user did not accept.
  case untrusted(Reason)
  /// The port that was asked for, or every one of the range, is taken.
  case noPort(Reason)
  /// The server started and failed; its own words are in the message.
  case failed(Reason, log: String)
  /// A cluster that cannot be reached, or does not answer as one.
  case cluster(Reason)
  case unknown(name: String, nearest: [String] = [])
  case nameTaken(name: String)
  case stillRunning(name: String)
  case unwritable(cause: String)
  case interrupted

  public var reason: Reason {
    switch self {
    case .noEngine(let reason), .notLaunchable(let reason), .doesNotFit(let reason), .untrusted(let reason),
      .cluster(let reason), .noPort(let reason):
      reason
    case .failed(let reason, let log):
      Reason(
        reason.code, reason.message, remedy: [reason.remedy, "log: \(log)"].compactMap { $0 }.joined(separator: "; "))
    case .unknown(let name, let nearest):
      Reason(
        .unknownDeployment, "there is no deployment \(name)",
        remedy: (nearest.isEmpty ? "" : "nearest: \(nearest.joined(separator: ", ")); ") + "plimsoll ps lists all")
    case .nameTaken(let name):
      Reason(
        .nameTaken, "a deployment called \(name) already exists", remedy: "plimsoll stop \(name), or --name OTHER")
    case .stillRunning(let name): Reason(.notStopped, "\(name) is still running after every signal")
    case .unwritable(let cause): Reason(.unwritable, cause)
    case .interrupted: Reason(.interrupted, "interrupted; the server was stopped")
    }
  }

  /// The refusal of a name that is none.
  static func badName(_ name: String) -> DeploymentError {
    .notLaunchable(
      Reason(
        .badName, "\(printable(name)) cannot be a deployment's name",
        remedy: "up to 64 letters, digits, - _ . and a letter or digit first"))
  }

  public var outcome: FailureOutcome {
    switch self {
    case .noEngine, .doesNotFit: .doesNotFit
    case .untrusted: .refusedInput
    case .notLaunchable, .unknown, .nameTaken: .usage
    case .failed(let reason, _): reason.code == .badModelFile ? .refusedInput : .engineFailed
    case .stillRunning: .engineFailed
    case .unwritable, .cluster, .noPort: .failed
    case .interrupted: .interrupted
    }
  }

  public var description: String { reason.message }
}
