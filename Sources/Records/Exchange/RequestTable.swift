import Benchmarking
import Units

/// Requests as comma-separated values (RFC 4180): times in seconds since the run's start.
enum RequestTable {
  static func csv(_ requests: [RequestRecord]) -> String {
    let titles = [
      "index", "stage", "outcome", "scheduled_s", "sent_s", "first_token_s", "first_output_s", "last_token_s",
      "closed_s", "input_tokens", "output_tokens", "cached_tokens", "requested_output_tokens", "http_status",
      "finish_reason", "ttft_s", "tpot_s", "e2e_s", "error",
    ]
    return csvText([titles] + requests.map(cells))
  }

  private static func cells(_ request: RequestRecord) -> [String] {
    let times = [
      request.scheduled, request.sent, request.firstToken, request.firstOutput, request.lastToken, request.closed,
    ]
    let counts = [
      request.inputTokens, request.outputTokens, request.cachedTokens, request.requestedOutputTokens, request.status,
    ]
    let spans = [request.timeToFirstToken, request.timePerOutputToken, request.endToEnd]
    return ["\(request.index)", request.stage, request.outcome.rawValue]
      + times.map { $0.map { "\(Double($0) / 1e9)" } ?? "" } + counts.map { $0.map { "\($0)" } ?? "" }
      + [request.finishReason ?? ""] + spans.map { $0.map { "\($0)" } ?? "" } + [request.error ?? ""]
  }
}
