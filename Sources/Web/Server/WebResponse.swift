import Reporting
import Units

/// What is answered to one request.
public struct WebResponse: Sendable {
  /// Writes a part of a body that has no known end.
  public typealias Writer = @Sendable ([UInt8]) async throws -> Void

  public enum Body: Sendable {
    case bytes([UInt8])
    /// Written as it comes; the task is cancelled when the client has gone.
    case stream(@Sendable (_ write: @escaping Writer) async throws -> Void)
  }

  public var status: Int
  public var headers: [String: String]
  public var body: Body

  public init(_ status: Int = 200, headers: [String: String] = [:], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Bytes of a type that a browser is not to guess at.
  static func bytes(_ bytes: [UInt8], type: String, status: Int = 200) -> WebResponse {
    WebResponse(status, headers: ["Content-Type": type], body: .bytes(bytes))
  }

  static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> WebResponse {
    .bytes(Array(text.utf8), type: type, status: status)
  }

  /// A value as the commands print it with `--json`.
  static func json(_ value: some Encodable, status: Int = 200) throws -> WebResponse {
    .text(try JSONOutput.text(value), type: "application/json", status: status)
  }

  /// Why there is no answer: the document that the commands print with `--json`.
  static func problem(_ status: Int, _ reason: Reason) -> WebResponse {
    let document = ErrorDocument(code: reason.code, message: reason.message, remedy: reason.remedy)
    return .text(JSONOutput.line(document), type: "application/json", status: status)
  }

  static func problem(_ fault: WebFault) -> WebResponse {
    problem(fault.status, Reason(.requestRefused, fault.words))
  }

  /// The bytes before the body.
  func head(isLast: Bool) -> [UInt8] {
    var lines = ["HTTP/1.1 \(status) \(Self.phrases[status] ?? "Status")"]
    var all = headers.merging(Self.guards) { own, _ in own }
    switch body {
    case .bytes(let bytes):
      if status != 204, status != 304 { all["Content-Length"] = "\(bytes.count)" }
    case .stream: all["Transfer-Encoding"] = "chunked"
    }
    if isLast { all["Connection"] = "close" }
    lines += all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// What every answer tells a browser: run nothing but our own files, show them in no other page, tell nobody.
  static let guards = [
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
      + "frame-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  ]

  /// The same for a report that the pages show in a frame: its own style, no script, no form, and an origin of its own.
  static let reportPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

  static let phrases = [
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 303: "See Other",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type",
    421: "Misdirected Request", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
  ]
}

/// An error as the commands print it, without an exit code: there is none.
private struct ErrorDocument: Encodable {
  var schema = "plimsoll.error/1"
  var code: ReasonCode
  var message: String
  var remedy: String?
}
