import FlyingSocks
import Foundation

/// One client's connection: its requests in their order, each answered before the next is read.
struct WebConnection: Sendable {
  private let socket: AsyncSocket
  private let limits: ConnectionLimits
  private let handler: WebServer.Handler

  init(_ socket: AsyncSocket, limits: ConnectionLimits, handler: @escaping WebServer.Handler) {
    self.socket = socket
    self.limits = limits
    self.handler = handler
  }

  /// Answers until the client goes, keeps the server waiting or sends what is no request.
  func run() async {
    defer { try? socket.close() }
    var reader = RequestReader(bodyLimit: limits.body)
    do {
      while !Task.isCancelled, let request = try await next(&reader) {
        let isLast = request.headers["connection"]?.lowercased() == "close"
        reader.append(try await answer(request, isLast: isLast))
        if isLast { return }
      }
    } catch let fault as WebFault {
      try? await write(.problem(fault), to: nil, isLast: true)
    } catch {
      // The client has gone, or the server ends: there is nobody to tell.
    }
  }

  /// The next request; nil where the client was idle for too long.
  private func next(_ reader: inout RequestReader) async throws -> WebRequest? {
    let clock = ContinuousClock()
    var end = clock.now + (reader.isEmpty ? limits.idle : limits.reading)
    var wasTold = false
    while true {
      if let request = try reader.next() { return request }
      if reader.expectsBody, !wasTold {
        wasTold = true
        try await send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
      }
      let wasEmpty = reader.isEmpty
      do {
        reader.append(try await within(end - clock.now) { try await socket.read(atMost: 4096) })
      } catch is TooSlow {
        if wasEmpty { return nil }
        throw WebFault(408, "the request took too long")
      }
      if wasEmpty { end = clock.now + limits.reading }
    }
  }

  /// What ended first.
  private enum End: Sendable {
    case answered
    /// Bytes of the next request, which came early.
    case early([UInt8])
    case gone
  }

  /// Handles a request while the connection is watched: where the client goes, so does the work for it.
  ///
  /// - Returns: what was read of the next request.
  private func answer(_ request: WebRequest, isLast: Bool) async throws -> [UInt8] {
    try await withThrowingTaskGroup(of: End.self) { group in
      group.addTask {
        try await write(await handler(request), to: request, isLast: isLast)
        return .answered
      }
      group.addTask {
        do { return .early(try await socket.read(atMost: 4096)) } catch is CancellationError { return .early([]) } catch
        {
          return .gone
        }
      }
      var early: [UInt8] = []
      while let end = try await group.next() {
        switch end {
        case .early(let bytes): early += bytes
        case .answered: group.cancelAll()
        case .gone:
          group.cancelAll()
          throw SocketError.disconnected
        }
      }
      return early
    }
  }

  private func write(_ response: WebResponse, to request: WebRequest?, isLast: Bool) async throws {
    let head = response.head(isLast: isLast)
    let isHead = request?.method == "HEAD"
    switch response.body {
    case .bytes(let bytes): try await send(isHead ? head : head + bytes)
    case .stream(let body):
      try await send(head)
      if isHead { return }
      try await body { bytes in
        guard !bytes.isEmpty else { return }
        try await send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
      }
      try await send(Array("0\r\n\r\n".utf8))
    }
  }

  private func send(_ bytes: [UInt8]) async throws {
    try await within(limits.writing) { try await socket.write(Data(bytes)) }
  }
}

/// Somebody was waited for as long as they are waited for.
struct TooSlow: Error {}

/// Does work that is given up after a time.
///
/// - Throws: `TooSlow` after that time, and what the work throws.
func within<Value: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else { throw TooSlow() }
    return value
  }
}
