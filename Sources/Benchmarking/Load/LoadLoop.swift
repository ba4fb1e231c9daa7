import CCurl
import Platform

/// Sends requests and stamps what comes back: one libcurl multi handle, one poller, one thread.
///
/// Everything here is confined to the thread that made it; nothing is locked, and an event allocates nothing.
final class LoadLoop {
  let endpoint: RequestAddress
  let listing: String
  let security: ConnectionSecurity
  let headers: UnsafeMutablePointer<curl_slist>?
  let timeoutMilliseconds: Int
  /// Bytes of each handle's receive buffer: small where thousands of streams share the memory.
  var bufferSize = 16384
  private let clock = MonotonicClock()
  private let origin: Int64
  private let poller: Poller
  let multi: UnsafeMutableRawPointer
  private let wake: Int32
  private var ready: [PollReady] = []
  /// When libcurl wants to be called though nothing came; nil for never.
  private var timer: Int64?
  /// The stamp of the read that is being handled; 0 where the clock must be asked.
  private var readStamp: Int64 = 0
  /// True until the read that is being handled has given its first bytes.
  private var isReadNew = true
  private var idle: [Transfer] = []
  private(set) var transfers: [Transfer] = []
  private(set) var health = LoopHealth()
  /// Sockets of connections, whose end is told; libcurl closes others by itself, such as those of its resolver.
  private var sockets: Set<curl_socket_t> = []
  /// Connections that are being opened before a stage.
  var opening: Set<UnsafeMutableRawPointer> = []
  /// Connections that stages so far have had at once.
  var opened = 1
  /// Answers whose `[DONE]` has come and whose body has not ended.
  private var ending: [(transfer: Transfer, doneAt: Int64)] = []
  /// How long the end of a body is waited for after `[DONE]`; less each time that it did not come.
  private var endingWait = LoadLoop.longestEndingWait
  /// It comes with `[DONE]` or within a round trip: waiting keeps the connection for the next request.
  private static let longestEndingWait: Int64 = 20_000_000
  private static let shortestEndingWait: Int64 = 200_000

  /// Opens the loop; nil where libcurl or the poller cannot be had.
  init?(target: BenchmarkTarget, settings: BenchmarkSettings, origin: Int64, wake: Int32) {
    guard let multi = curl_multi_init(), let poller = Poller() else { return nil }
    self.multi = multi
    self.poller = poller
    self.wake = wake
    self.origin = origin
    endpoint = RequestAddress(target.endpoint)
    listing = target.listing
    security = ConnectionSecurity(target)
    timeoutMilliseconds = Int(settings.requestTimeoutSeconds * 1000)
    headers = target.headerLines.reduce(nil) { curl_slist_append($0, $1) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = plimsoll_curl_multi_set_socket(multi, Self.onSocket)
    _ = plimsoll_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
    _ = plimsoll_curl_multi_set_timer(multi, Self.onTimer)
    _ = plimsoll_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
    _ = plimsoll_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 65536)
    poller.watch(wake, for: .readable)
  }

  deinit {
    for transfer in transfers where transfer.isActive { curl_multi_remove_handle(multi, transfer.handle) }
    for handle in opening {
      curl_multi_remove_handle(multi, handle)
      curl_easy_cleanup(handle)
    }
    idle = []
    transfers = []
    curl_multi_cleanup(multi)
    curl_slist_free_all(headers)
  }

  /// Nanoseconds of the monotonic clock since the run's start.
  func now() -> Int64 { clock.now() - origin }

  func resetHealth() { health = LoopHealth(start: now(), cpu: threadTime()) }

  /// Bytes of content chunks, in number, that have come of requests under way.
  var chunksUnderWay: Int { transfers.reduce(0) { $0 + ($1.isActive ? $1.state.record.chunkTimes.count : 0) } }

  func noteWork(until now: Int64) { health.noteWork(until: now) }

  /// Returns a transfer that is free, or nil where none can be made.
  func take() -> Transfer? {
    if let transfer = idle.popLast() { return transfer }
    guard let transfer = Transfer(loop: self) else { return nil }
    transfers.append(transfer)
    return transfer
  }

  /// Puts a prepared request on its way.
  func start(_ transfer: Transfer) {
    transfer.dispatched = now()
    transfer.isActive = true
    curl_multi_add_handle(multi, transfer.handle)
  }

  /// Puts the same request on its way once more; it counts as dispatched when it first was.
  func restart(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.handle)
    curl_multi_add_handle(multi, transfer.handle)
  }

  /// Gives a finished or abandoned transfer back.
  func release(_ transfer: Transfer) {
    if transfer.isActive { curl_multi_remove_handle(multi, transfer.handle) }
    transfer.isActive = false
    idle.append(transfer)
  }

  /// Waits for work until a moment and does it; calls the body with each transfer that ended.
  func turn(until deadline: Int64, _ finished: (Transfer, CURLcode) -> Void) {
    let started = now()
    var end = min(deadline, timer ?? .max)
    if let first = ending.first { end = min(end, first.doneAt + endingWait) }
    health.noteWork(until: started)
    poller.wait(nanoseconds: max(0, end - started), into: &ready)
    let woken = now()
    // A process that was stopped wakes late also where answers have come in the meantime.
    health.noteWake(at: woken, late: woken - max(end, started))
    var running: Int32 = 0
    for event in ready {
      if event.descriptor == wake {
        drainPipe(wake)
        continue
      }
      var flags: Int32 = 0
      if event.interest.contains(.readable) { flags |= CURL_CSELECT_IN }
      if event.interest.contains(.writable) { flags |= CURL_CSELECT_OUT }
      if event.interest.contains(.broken) { flags |= CURL_CSELECT_ERR | CURL_CSELECT_IN }
      // What the kernel reported as readable had come by then, however many sockets are read before this one.
      readStamp = woken
      isReadNew = true
      curl_multi_socket_action(multi, event.descriptor, flags, &running)
    }
    if let due = timer, due <= now() {
      timer = nil
      readStamp = 0
      isReadNew = true
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }
    collect(finished)
    if !ending.isEmpty { endWhatIsDone(finished) }
  }

  /// Notes that an answer's `[DONE]` has come: its body ends now, or is not waited for.
  func watchForEnd(of transfer: Transfer, since stamp: Int64) { ending.append((transfer, stamp)) }

  /// Ends the answers whose `[DONE]` came and whose connection the server leaves open.
  private func endWhatIsDone(_ finished: (Transfer, CURLcode) -> Void) {
    let waiting = ending.count
    // A transfer that ended meanwhile may carry another request by now.
    ending.removeAll { !$0.transfer.isActive || $0.transfer.state.doneAt != $0.doneAt }
    if ending.count < waiting { endingWait = Self.longestEndingWait }
    let moment = now()
    while let first = ending.first, moment - first.doneAt >= endingWait {
      ending.removeFirst()
      endingWait = max(endingWait / 2, Self.shortestEndingWait)
      first.transfer.leaveOpen()
      finished(first.transfer, CURLE_OK)
    }
  }

  private func collect(_ finished: (Transfer, CURLcode) -> Void) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let code = plimsoll_curl_message_result(message)
      var context: UnsafeMutableRawPointer?
      _ = plimsoll_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
      guard let context else {
        // Of a connection that was only opened.
        opening.remove(handle)
        curl_multi_remove_handle(multi, handle)
        curl_easy_cleanup(handle)
        continue
      }
      finished(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
    }
  }

  /// The stamp for bytes that libcurl hands over now: when the loop woke to find their socket readable.
  ///
  /// Bytes that came while the loop was at work on other sockets are stamped up to that work's time too early, where
  /// a stamp of the read itself would make all bytes late by it.
  func stampOfRead() -> Int64 {
    if isReadNew {
      isReadNew = false
      health.reads += 1
      if readStamp == 0 { readStamp = now() }
    }
    return readStamp
  }

  func countEvents(_ count: Int) { health.events += count }

  /// Called by libcurl when it wants a socket watched otherwise.
  private static let onSocket: curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return 0 }
    Unmanaged<LoadLoop>.fromOpaque(context)._withUnsafeGuaranteedRef { loop in
      var interest: PollInterest = []
      if what == CURL_POLL_IN || what == CURL_POLL_INOUT { interest.insert(.readable) }
      if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { interest.insert(.writable) }
      // Only what is told of its end may rest: the number of any other may come back as another's unnoticed.
      if interest.isEmpty, loop.sockets.contains(socket) {
        loop.poller.rest(socket)
      } else {
        loop.poller.watch(socket, for: interest)
      }
    }
    return 0
  }

  /// Called by libcurl when it has made the socket of a connection.
  static let onOpen: curl_sockopt_callback = { context, socket, _ in
    if let context {
      Unmanaged<LoadLoop>.fromOpaque(context)._withUnsafeGuaranteedRef { _ = $0.sockets.insert(socket) }
    }
    return CURL_SOCKOPT_OK
  }

  /// Called by libcurl instead of closing a socket.
  static let onClose: curl_closesocket_callback = { context, socket in
    if let context {
      Unmanaged<LoadLoop>.fromOpaque(context)._withUnsafeGuaranteedRef { loop in
        loop.poller.forget(socket)
        loop.sockets.remove(socket)
      }
    }
    return close(socket)
  }

  /// Called by libcurl when it wants to be called after so many milliseconds; below zero for never.
  private static let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    Unmanaged<LoadLoop>.fromOpaque(context)._withUnsafeGuaranteedRef { loop in
      loop.timer = milliseconds < 0 ? nil : loop.now() + Int64(milliseconds) * 1_000_000
    }
    return 0
  }
}
