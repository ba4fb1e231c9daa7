public import Units

/// A failure that a workflow itself finds; the modules below throw their own `ExplainedError`s.
public struct Failure: ExplainedError, Hashable {
  public var outcome: FailureOutcome
  public var reason: Reason

  public init(_ outcome: FailureOutcome, _ code: ReasonCode, _ message: String, remedy: String? = nil) {
    self.outcome = outcome
    reason = Reason(code, message, remedy: remedy)
  }
}
