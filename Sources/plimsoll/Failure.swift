import Units

/// A failure that a command itself finds; the modules below throw their own `ExplainedError`s.
struct Failure: ExplainedError, Hashable {
  var outcome: FailureOutcome
  var reason: Reason

  init(_ outcome: FailureOutcome, _ code: ReasonCode, _ message: String, remedy: String? = nil) {
    self.outcome = outcome
    reason = Reason(code, message, remedy: remedy)
  }
}
