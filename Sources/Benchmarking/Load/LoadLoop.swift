import CCurl
import Platform

/// Sends requests and stamps what comes back: one libcurl multi handle, one poller, one thread.
///
/// Everything here is confined to the thread that made it; nothing is locked, and an event allocates nothing.
final class LoadLoop {
  let endpoint: String
  let headers: UnsafeMutablePointer<curl_slist>?
  let timeoutMilliseconds: Int
  /// Bytes of each handle's receive buffer: small where thousands of streams share the memory.
  var bufferSize = 16384
  private let clock = MonotonicClock()
  private let origin: Int64
  private let poller: Poller
  private let multi: UnsafeMutableRawPointer
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

  /// Opens the loop; nil where libcurl or the poller cannot be had.
  init?(target: BenchmarkTarget, settings: BenchmarkSettings, origin: Int64, wake: Int32) {
    guard let multi = curl_multi_init(), let poller = Poller() else { return nil }
    self.multi = multi
    self.poller = poller
    self.wake = wake
    self.origin = origin
    endpoint = target.endpoint
    timeoutMilliseconds = Int(settings.requestTimeoutSeconds * 1000)
    var lines = [
      "Content-Type: application/json", "Accept: text/event-stream", "Expect:", "User-Agent: plimsoll",
    ]
    if let key = target.apiKey { lines.append("Authorization: Bearer \(key)") }
    headers = lines.reduce(nil) { curl_slist_append($0, $1) }
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
    idle = []
    transfers = []
    curl_multi_cleanup(multi)
    curl_slist_free_all(headers)
  }

  /// Nanoseconds of the monotonic clock since the run's start.
  func now() -> Int64 { clock.now() - origin }

  func resetHealth() { health = LoopHealth(start: now(), cpu: threadTime()) }

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
    let end = min(deadline, timer ?? .max)
    health.noteWork(until: started)
    poller.wait(nanoseconds: max(0, end - started), into: &ready)
    let woken = now()
    health.noteWake(at: woken, late: ready.isEmpty ? woken - end : 0)
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
  }

  private func collect(_ finished: (Transfer, CURLcode) -> Void) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let code = plimsoll_curl_message_result(message)
      var context: UnsafeMutableRawPointer?
      _ = plimsoll_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
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
      loop.poller.watch(socket, for: interest)
    }
    return 0
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
