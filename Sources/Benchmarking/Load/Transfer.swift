import CCurl
import Platform
import Units

/// One request on its way: a libcurl handle that is used again and again, and what is known of the answer.
///
/// Confined to the loop's thread. The loop owns every transfer for as long as it lives, so the unretained pointers
/// that libcurl hands back to the callbacks stay good.
final class Transfer {
  let handle: UnsafeMutableRawPointer
  unowned let loop: LoadLoop
  var state = TransferState(record: RequestRecord(index: 0, stage: "", scheduled: 0))
  /// The conversation that this request is a turn of.
  var conversation = Conversation(turns: [])
  var answers: [String] = []
  /// When the loop handed it to libcurl.
  var dispatched: Int64 = 0
  var isActive = false
  /// True once it was sent again on another connection.
  private(set) var isSecondTry = false
  /// True where the server left the connection open after `[DONE]`.
  private(set) var isLeftOpen = false

  init?(loop: LoadLoop) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.loop = loop
    configure()
  }

  deinit { curl_easy_cleanup(handle) }

  private func configure() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    loop.endpoint.apply(to: handle)
    _ = plimsoll_curl_set_list(handle, CURLOPT_HTTPHEADER, loop.headers)
    loop.configureConnection(handle)
    _ = plimsoll_curl_set_long(handle, CURLOPT_TIMEOUT_MS, loop.timeoutMilliseconds)
    _ = plimsoll_curl_set_long(handle, CURLOPT_BUFFERSIZE, loop.bufferSize)
    _ = plimsoll_curl_set_long(handle, CURLOPT_POST, 1)
    _ = plimsoll_curl_set_write(handle, CURLOPT_WRITEFUNCTION, Self.onWrite)
    _ = plimsoll_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    _ = plimsoll_curl_set_pointer(handle, CURLOPT_PRIVATE, context)
    _ = plimsoll_curl_set_prereq(handle, Self.onReady)
    _ = plimsoll_curl_set_pointer(handle, CURLOPT_PREREQDATA, context)
  }

  /// Sets what decides whether a connection can serve another handle.
  static func configureConnection(_ handle: UnsafeMutableRawPointer, _ security: ConnectionSecurity) {
    _ = plimsoll_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    // A measurement goes straight to the server, whatever the shell says of proxies; "*" spares a look for each request.
    _ = plimsoll_curl_set_string(handle, CURLOPT_PROXY, "")
    _ = plimsoll_curl_set_string(handle, CURLOPT_NOPROXY, "*")
    _ = plimsoll_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    _ = plimsoll_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
    _ = plimsoll_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    _ = plimsoll_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 10_000)
    security.apply(to: handle)
  }

  /// Readies the handle for a request; libcurl keeps a copy of the body.
  func prepare(_ record: RequestRecord, body: [UInt8], keepsAnswer: Bool) {
    state.reset(record, keepsAnswer: keepsAnswer, bodyBytes: body.count)
    isSecondTry = false
    isLeftOpen = false
    state.record.chunkTimes.reserveCapacity(min(record.requestedOutputTokens ?? 16, 4096))
    _ = plimsoll_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
    body.withUnsafeBytes { bytes in
      _ = plimsoll_curl_set_pointer(
        handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
  }

  /// Tells whether the request found its connection closed, by a server that had answered on it before, and may go out
  /// once more (RFC 9112, section 9.3.1).
  ///
  /// libcurl does so itself, but five times at most in the whole life of a handle, and the handles live for a run.
  func takesSecondTry(after code: CURLcode) -> Bool {
    guard [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING].contains(code), !isSecondTry else { return false }
    var (status, connections) = (0, 0)
    _ = plimsoll_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    _ = plimsoll_curl_get_long(handle, CURLINFO_NUM_CONNECTS, &connections)
    isSecondTry = status == 0 && connections == 0
    return isSecondTry
  }

  /// Takes libcurl's verdict and completes the record.
  func finish(_ code: CURLcode, at now: Int64) {
    // Broken endings of an answer that is whole are not the answer's.
    let isWhole = state.doneAt != nil
    state.finishStream(at: now)
    state.record.closed = isLeftOpen ? state.doneAt : now
    var status = 0
    _ = plimsoll_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if status != 0 { state.record.status = status }
    let refused = status != 0 && !(200..<300).contains(status)
    if let told = state.eventError {
      fail(refused ? "\(status): \(told)" : told)
    } else if refused {
      fail(refusal(status))
    } else if code == CURLE_OK || isWhole {
      settleWhole()
    } else if state.isEndless {
      fail("the answer did not end: it had more than \(state.record.chunkTimes.count - 1) chunks")
    } else if state.stream.isOverLimit {
      fail("the server sent a line of more than \(EventStream.lineLimit) bytes")
    } else {
      fail(reason(code), outcome: code == CURLE_OPERATION_TIMEDOUT ? .timedOut : .failed)
    }
  }

  /// Ends an answer whose `[DONE]` has come, though the server goes on.
  func leaveOpen() { isLeftOpen = true }

  private func reason(_ code: CURLcode) -> String {
    if code == CURLE_UNSUPPORTED_PROTOCOL {
      return Self.unsupportedProtocol(isSecure: loop.endpoint.isSecure, hasTLS: plimsoll_curl_has_tls() != 0)
    }
    guard code == CURLE_OPERATION_TIMEDOUT, state.record.sent != nil else {
      // An open loop may need more connections than could be foreseen: that is no fault of the server.
      if code == CURLE_COULDNT_CONNECT, ResourceLimit.isOutOfFiles {
        return "no open files are left here for another connection (ulimit -n)"
      }
      return String(cString: curl_easy_strerror(code))
    }
    return "no complete answer within \(formattedSeconds(Double(loop.timeoutMilliseconds) / 1000)) (--timeout)"
  }

  /// What libcurl means by a protocol that it does not support.
  static func unsupportedProtocol(isSecure: Bool, hasTLS: Bool) -> String {
    isSecure && !hasTLS
      ? "the libcurl of this system does not speak TLS (https)" : "what the server answered is not HTTP"
  }

  private func refusal(_ status: Int) -> String {
    var location: UnsafePointer<CChar>?
    if (300..<400).contains(status), plimsoll_curl_get_string(handle, CURLINFO_REDIRECT_URL, &location) == CURLE_OK,
      let location
    {
      return "\(status): the server redirects to \(BenchmarkTarget.withoutSecrets(String(cString: location)))"
    }
    return "the server answered \(status)"
  }

  /// Why an answer that ended well is not whole.
  private var unwholeReason: String {
    if let encoding = contentEncoding {
      return "the server compressed its stream (\(encoding)), which was not asked for"
    }
    if state.isEmpty { return "the answer was empty" }
    return "the stream was cut off: no finish reason, usage or [DONE]"
  }

  /// How the server says that it compressed its answer; nil where it did not.
  private var contentEncoding: String? {
    guard let text = plimsoll_curl_header(handle, "Content-Encoding") else { return nil }
    let encoding = String(cString: text)
    return encoding.isEmpty || encoding.lowercased() == "identity" ? nil : String(encoding.prefix(32))
  }

  private func settleWhole() {
    if state.stream.isOverLimit {
      fail("the server sent a line of more than \(EventStream.lineLimit) bytes")
    } else if !state.isWhole {
      fail(unwholeReason)
    } else if state.record.chunkTimes.isEmpty {
      fail("the answer had no content")
    } else {
      state.record.outcome = .completed
    }
  }

  private func fail(_ error: String, outcome: RequestRecord.Outcome = .failed) {
    state.record.outcome = outcome
    state.record.error = loop.security.withoutSecrets(error)
  }

  /// Seconds that the server asks to wait before another try; 0 where it asks nothing.
  var retryAfter: Int {
    var seconds: curl_off_t = 0
    _ = plimsoll_curl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds)
    return Int(max(0, min(seconds, 3600)))
  }

  /// Called by libcurl with each piece of the answer.
  private static let onWrite: plimsoll_curl_write = { bytes, size, count, context in
    guard let bytes, let context, size * count > 0 else { return size * count }
    return Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef { transfer in
      transfer.receive(UnsafeRawPointer(bytes), size * count)
    }
  }

  private func receive(_ bytes: UnsafeRawPointer, _ length: Int) -> Int {
    let stamp = loop.stampOfRead()
    var status = state.record.status ?? 0
    if status == 0 { _ = plimsoll_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) }
    let (before, wasDone) = (state.stream.events, state.doneAt != nil)
    let typed = bytes.assumingMemoryBound(to: UInt8.self)
    state.receive(UnsafeBufferPointer(start: typed, count: length), at: stamp, status: status)
    loop.countEvents(state.stream.events - before)
    if !wasDone, state.doneAt != nil { loop.watchForEnd(of: self, since: stamp) }
    // Fewer bytes taken than given ends the transfer.
    return state.stream.isOverLimit || state.isEndless ? 0 : length
  }

  /// Called by libcurl when the connection stands, just before the request's first byte.
  private static let onReady: curl_prereq_callback = { context, _, _, _, _ in
    guard let context else { return 0 }
    Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef { transfer in
      transfer.state.noteSend(at: transfer.loop.now())
    }
    return 0
  }
}
