import Units

/// Why something asked of the API has no answer: the status and the sentence.
struct Problem {
  var status: Int
  var reason: Reason

  init(_ error: any Error) {
    switch error {
    case let fault as WebFault:
      status = fault.status
      reason = Reason(.requestRefused, fault.words)
    case let explained as any ExplainedError:
      reason = explained.reason
      status = Self.status(of: explained)
    case let bare as Reason:
      reason = bare
      status = 422
    case is CancellationError:
      status = 503
      reason = Reason(.interrupted, "the server is ending")
    default:
      // What nobody foresaw is told to the log of nobody else: the words may hold a path.
      status = 500
      reason = Reason(.failed, "something went wrong that was not foreseen: \(type(of: error))")
    }
  }

  private static func status(of error: any ExplainedError) -> Int {
    if missing.contains(error.reason.code) { return 404 }
    return switch error.outcome {
    case .usage, .refusedInput: 400
    case .doesNotFit, .invalidResult: 422
    case .engineFailed: 502
    case .failed, .interrupted: 503
    }
  }

  /// Codes of what is not there under the name that was asked for.
  private static let missing: Set<ReasonCode> = [
    .unknownMachine, .unknownModel, .unknownDeployment, .noSuchFile, .noSuchRun, .offline,
  ]
}
