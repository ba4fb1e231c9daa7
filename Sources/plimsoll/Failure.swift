import Units

/// How the program ends; documented in the README.
enum ExitStatus: Int32, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case doesNotFit = 3
  case refusedInput = 4
  case engineFailed = 5
  case invalidResult = 6
  case interrupted = 130
}

/// A failure as the user sees it: one sentence, what to do, a stable code and the exit status.
struct Failure: Error, Hashable, Sendable {
  var status: ExitStatus
  var reason: Reason

  init(_ status: ExitStatus, _ code: ReasonCode, _ message: String, remedy: String? = nil) {
    self.status = status
    reason = Reason(code, message, remedy: remedy)
  }
}
