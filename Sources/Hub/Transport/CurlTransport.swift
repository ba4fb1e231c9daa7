import CCurl
import Dispatch
public import Platform
import Synchronization

/// Sends requests through libcurl, each on a background thread, with connections kept for the next request.
///
/// Redirects are returned, not followed. A cancelled task ends its transfer within a second.
public final class CurlTransport: HTTPTransport {
  private let idle = Mutex<[CurlHandle]>([])
  private let queue = DispatchQueue(label: "plimsoll.http", attributes: .concurrent)
  /// Handles kept with their connections; more are made when needed and closed after.
  private static let idleLimit = 8

  public init() {}

  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    try await send(CurlExchange(request))
  }

  /// Sends a request and hands on the answer's body as it comes, on a background thread; the answer itself has none.
  public func stream(
    _ request: HTTPRequest, onBody: @escaping @Sendable ([UInt8]) -> Void
  ) async throws(HTTPError) -> HTTPResponse {
    try await send(CurlExchange(request, onBody: onBody))
  }

  private func send(_ exchange: CurlExchange) async throws(HTTPError) -> HTTPResponse {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (done: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>) in
        queue.async { done.resume(returning: self.perform(exchange)) }
      }
    } onCancel: {
      exchange.cancel()
    }
    return try result.get()
  }

  private func perform(_ exchange: CurlExchange) -> Result<HTTPResponse, HTTPError> {
    guard let handle = idle.withLock({ $0.popLast() }) ?? CurlHandle() else {
      return .failure(.refused(cause: "libcurl could not be started"))
    }
    let result = exchange.run(on: handle)
    idle.withLock { if $0.count < Self.idleLimit { $0.append(handle) } }
    return result
  }
}

/// One request on its way. `@unchecked Sendable`: one thread runs it; only the atomic flag is touched by others.
private final class CurlExchange: @unchecked Sendable {
  private let request: HTTPRequest
  private let isCancelled = Atomic(false)
  private var headers = HeaderCollector()
  private var body: [UInt8] = []
  private var isOverLimit = false

  /// Takes the body piece by piece; nil keeps it.
  private let onBody: (@Sendable ([UInt8]) -> Void)?

  init(_ request: HTTPRequest, onBody: (@Sendable ([UInt8]) -> Void)? = nil) {
    self.request = request
    self.onBody = onBody
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func run(on handle: CurlHandle) -> Result<HTTPResponse, HTTPError> {
    guard let origin = WebOrigin(request.url), request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
      return .failure(.refused(cause: "not an http or https address: \(request.url.debugDescription)"))
    }
    var lines: [String] = ["Expect:"]
    for (name, value) in request.headers {
      guard !(name + value).utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }), !name.contains(":") else {
        return .failure(.refused(cause: "the header \(name.debugDescription) holds a control character"))
      }
      lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    let limit = max(1, request.timeout.milliseconds)
    handle.prepare(url: request.url, headers: lines, connectMilliseconds: min(limit, 10_000))
    handle.set(CURLOPT_TIMEOUT_MS, limit)
    configure(handle)
    let code = withExtendedLifetime(self) { curl_easy_perform(handle.pointer) }
    return outcome(code, handle: handle, host: origin.description)
  }

  private func configure(_ handle: CurlHandle) {
    switch request.method {
    case "GET": break
    case "HEAD": handle.set(CURLOPT_NOBODY, 1)
    default: handle.set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    if let content = request.body {
      _ = plimsoll_curl_set_offset(handle.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(content.count))
      content.withUnsafeBytes { bytes in
        var empty: UInt8 = 0
        let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        // libcurl copies the bytes; an empty body still needs a pointer.
        withUnsafeMutableBytes(of: &empty) {
          _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_COPYPOSTFIELDS, start ?? $0.baseAddress)
        }
      }
    }
    let me = Unmanaged.passUnretained(self).toOpaque()
    _ = plimsoll_curl_set_write(handle.pointer, CURLOPT_WRITEFUNCTION, Self.receiveBody)
    _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_WRITEDATA, me)
    _ = plimsoll_curl_set_write(handle.pointer, CURLOPT_HEADERFUNCTION, Self.receiveHeader)
    _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_HEADERDATA, me)
    handle.set(CURLOPT_NOPROGRESS, 0)
    _ = plimsoll_curl_set_progress(handle.pointer, Self.checkCancellation)
    _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_XFERINFODATA, me)
  }

  private func outcome(_ code: CURLcode, handle: CurlHandle, host: String) -> Result<HTTPResponse, HTTPError> {
    guard code == CURLE_OK || (isOverLimit && request.cutsBody) else {
      if isCancelled.load(ordering: .relaxed) { return .failure(.refused(cause: "cancelled")) }
      if isOverLimit { return .failure(.tooLarge(limit: request.bodyLimit)) }
      if code == CURLE_OPERATION_TIMEDOUT { return .failure(.timedOut(host: host)) }
      let words = handle.failureText.isEmpty ? String(cString: curl_easy_strerror(code)) : handle.failureText
      return .failure(.unreachable(host: host, cause: words))
    }
    var response = HTTPResponse(status: handle.status, headers: headers.headers, body: body)
    response.isCut = isOverLimit
    return .success(response)
  }

  private static let receiveBody: plimsoll_curl_write = { bytes, size, count, me in
    guard let bytes, let me else { return 0 }
    return Unmanaged<CurlExchange>.fromOpaque(me)._withUnsafeGuaranteedRef {
      $0.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
  }

  private static let receiveHeader: plimsoll_curl_write = { bytes, size, count, me in
    guard let bytes, let me else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlExchange>.fromOpaque(me)._withUnsafeGuaranteedRef {
      $0.headers.append(line) ? line.count : 0
    }
  }

  private static let checkCancellation: curl_xferinfo_callback = { me, _, _, _, _ in
    guard let me else { return 0 }
    return Unmanaged<CurlExchange>.fromOpaque(me)._withUnsafeGuaranteedRef {
      $0.isCancelled.load(ordering: .relaxed) ? 1 : 0
    }
  }

  /// Keeps what the limit allows; a short count tells libcurl to stop.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    if let onBody {
      onBody(Array(bytes))
      return bytes.count
    }
    let room = request.bodyLimit - body.count
    if bytes.count > room {
      isOverLimit = true
      body.append(contentsOf: bytes.prefix(max(0, room)))
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }
}

extension Duration {
  /// Whole milliseconds, held within what libcurl's options take.
  var milliseconds: Int {
    let (whole, fraction) = components
    guard whole < 2_000_000 else { return 2_000_000_000 }
    return Int(whole) * 1000 + Int(fraction / 1_000_000_000_000_000)
  }
}
