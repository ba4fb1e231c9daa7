/// An error that can be told to a user as it stands: one sentence, what to do, a stable code, and how serious it is.
public protocol ExplainedError: Error {
  var reason: Reason { get }
  var outcome: FailureOutcome { get }
}

/// What kind of failure ended a command; each has its documented exit code.
public enum FailureOutcome: Int32, Hashable, Sendable, CaseIterable {
  case failed = 1
  /// The command line itself was wrong.
  case usage = 2
  /// The model does not fit, or no engine can run it.
  case doesNotFit = 3
  /// A file or an answer from outside is missing, broken or hostile.
  case refusedInput = 4
  case engineFailed = 5
  /// A measured result is invalid, or a threshold was missed.
  case invalidResult = 6
  case interrupted = 130
}
