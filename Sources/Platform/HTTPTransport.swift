public import Units

/// One HTTP request. Secrets go in `headers` and are never printed.
public struct HTTPRequest: Hashable, Sendable {
  public var method: String
  public var url: String
  public var headers: [String: String]
  public var body: [UInt8]?
  /// The longest that the whole exchange may take.
  public var timeout: Duration
  /// The most bytes of body that are kept; a longer answer is an error.
  public var bodyLimit: Int
  /// True where a longer answer is cut at the limit instead, for servers that send a whole file when asked for a part.
  public var cutsBody: Bool = false

  public init(
    _ method: String = "GET", _ url: String, headers: [String: String] = [:], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), bodyLimit: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.bodyLimit = bodyLimit
  }
}

/// The answer to one HTTP request; header names are lower case.
public struct HTTPResponse: Hashable, Sendable {
  public var status: Int
  public var headers: [String: String]
  public var body: [UInt8]
  /// True where the body was cut at the request's limit.
  public var isCut: Bool = false

  public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The body as text, with invalid UTF-8 repaired.
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Why no answer came.
public enum HTTPError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case unreachable(host: String, cause: String)
  case timedOut(host: String)
  case tooLarge(limit: Int)
  case refused(cause: String)

  public var description: String {
    switch self {
    case .unreachable(let host, let cause): "cannot reach \(host): \(cause)"
    case .timedOut(let host): "\(host) did not answer in time"
    case .tooLarge(let limit): "the answer is longer than the \(limit) bytes allowed"
    case .refused(let cause): "the request was not sent: \(cause)"
    }
  }
}

extension HTTPError {
  public var reason: Reason {
    switch self {
    case .unreachable: Reason(.unreachable, description)
    case .timedOut: Reason(.timedOut, description)
    case .tooLarge: Reason(.answerTooLarge, description)
    case .refused: Reason(.requestRefused, description)
    }
  }

  public var outcome: FailureOutcome { .failed }
}

/// Sends requests and returns whole answers. Redirects are returned, not followed: the caller decides what it trusts.
public protocol HTTPTransport: Sendable {
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}
