import Reporting

/// Sends server-sent events to one client.
struct EventSender: Sendable {
  fileprivate let write: WebResponse.Writer

  func callAsFunction(_ event: String, _ data: JSON) async throws {
    try await self(event: event, data: JSONOutput.line(data))
  }

  /// - Parameter data: one line.
  func callAsFunction(event: String, data: String) async throws {
    try await write(Array("event: \(event)\ndata: \(data)\n\n".utf8))
  }
}

extension WebResponse {
  /// Events as they come; an event named `end` is the last, after which the client need not ask again.
  static func events(_ body: @escaping @Sendable (EventSender) async throws -> Void) -> WebResponse {
    WebResponse(
      headers: ["Content-Type": "text/event-stream"],
      body: .stream { write in
        let send = EventSender(write: write)
        // Something is sent at once, so that the client knows that it is heard.
        try await write(Array(": begin\n\n".utf8))
        do {
          try await body(send)
        } catch let error where !(error is CancellationError) && !(error is TooSlow) {
          try await send(event: "problem", data: JSONOutput.line(Problem(error).reason))
        }
        try await send("end", [:])
      })
  }
}
