import CCurl
import Dispatch
import Platform
import Synchronization
import Units

/// Fetches blobs over several connections at once: one thread, one libcurl multi handle, files in order.
///
/// `@unchecked Sendable`: `run` is called once, on one thread, to which everything but `cancel` and `wake` is confined.
final class TransferLoop: @unchecked Sendable {
  let options: PullOptions
  let endpoint: HubEndpoint
  let ledger: RequestLedger
  private let files: [FileTransfer]
  private let multi: UnsafeMutableRawPointer
  private var transfers: [UnsafeMutableRawPointer: BlockTransfer] = [:]
  private var idle: [CurlHandle] = []
  private let isCancelled = Atomic(false)
  private let clock = MonotonicClock()
  let retries: RetryPolicy
  private var failure: (any Error)?
  private let onProgress: @Sendable (PullProgress) -> Void
  private var meter: RateMeter
  private let onDone: (HubFile) throws(HubError) -> Void
  let hashQueue = DispatchQueue(label: "plimsoll.hash")

  init?(
    files: [FileTransfer], endpoint: HubEndpoint, ledger: RequestLedger, options: PullOptions,
    onDone: @escaping (HubFile) throws(HubError) -> Void, onProgress: @escaping @Sendable (PullProgress) -> Void
  ) {
    guard CurlHandle() != nil, let made = curl_multi_init() else { return nil }
    multi = made
    self.files = files
    self.endpoint = endpoint
    self.ledger = ledger
    self.options = options
    self.onProgress = onProgress
    self.onDone = onDone
    retries = options.retries
    meter = RateMeter(files: files)
    _ = plimsoll_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.connections * 2)
  }

  deinit { curl_multi_cleanup(multi) }

  /// Ends the loop soon; what was fetched stays for the next run. Any thread.
  func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    wake()
  }

  /// Interrupts the loop's wait. Any thread: libcurl allows this one call.
  func wake() { curl_multi_wakeup(multi) }

  /// Runs until every file is there or one cannot be had.
  func run() throws {
    defer { dropAll() }
    while failure == nil, !isCancelled.load(ordering: .relaxed), files.contains(where: { $0.state != .done }) {
      schedule()
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      let hasEnded = collectFinished()
      collectVerified()
      meter.report(clock.now(), to: onProgress)
      guard failure == nil, files.contains(where: { $0.state != .done }) else { break }
      // What follows a request that ended, as after a redirect, starts at once.
      if !hasEnded { curl_multi_poll(multi, nil, 0, 100, nil) }
    }
    if let failure { throw failure }
    if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
    meter.report(.max, to: onProgress)
  }

  /// Starts as many requests as there are free connections, first files first.
  private func schedule() {
    let now = clock.now()
    for file in files where file.state == .waiting || file.state == .active {
      guard transfers.count < options.connections, failure == nil else { return }
      if file.state == .waiting { begin(file, now: now) }
      guard file.state == .active, file.notBefore <= now else { continue }
      while transfers.count < options.connections, file.blocksInFlight.count < options.connectionsPerFile,
        !file.isResolving, let block = file.nextBlock
      {
        guard start(file, block: block) else { return }
      }
    }
  }

  private func begin(_ file: FileTransfer, now: Int64) {
    guard now >= file.nextLockTry else { return }
    do throws(HubError) {
      if try !file.begin(blockSize: options.blockBytes, queue: hashQueue, wake: { [weak self] in self?.wake() }) {
        file.nextLockTry = now + 200_000_000
        meter.waitsForOthers = true
      } else if file.state == .done {
        try onDone(file.file)
      }
    } catch {
      failure = error
    }
  }

  private func start(_ file: FileTransfer, block: Int) -> Bool {
    let url = file.place ?? file.url
    // What the last attempt brought is written over, so it is hashed anew as well.
    if !file.hasRanges { file.rewind(queue: hashQueue, wake: { [weak self] in self?.wake() }) }
    guard let handle = idle.popLast() ?? CurlHandle(),
      let transfer = BlockTransfer(file: file, block: block, url: url, handle: handle)
    else {
      failure = HubError.unreachable(.refused(cause: "libcurl could not be started"))
      return false
    }
    file.blocksInFlight.insert(block)
    if file.place == nil { file.isResolving = true }
    transfer.start(headers: endpoint.headers(for: url), stallSeconds: options.stallSeconds)
    transfers[handle.pointer] = transfer
    ledger.add(requests: 1)
    curl_multi_add_handle(multi, handle.pointer)
    return true
  }

  /// Settles the requests that have ended; false where none has.
  private func collectFinished() -> Bool {
    var left: Int32 = 0
    var hasEnded = false
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
        let transfer = transfers.removeValue(forKey: pointer)
      else { continue }
      hasEnded = true
      let code = plimsoll_curl_message_result(message)
      transfer.flush()
      curl_multi_remove_handle(multi, pointer)
      idle.append(transfer.handle)
      let file = transfer.file
      file.blocksInFlight.remove(transfer.block)
      if file.place == nil || transfer.url == file.url { file.isResolving = false }
      ledger.add(bytes: transfer.received)
      do {
        try settle(transfer, code: code)
      } catch {
        failure = failure ?? error
      }
    }
    for file in files where file.state == .active {
      file.advance(queue: hashQueue, wake: { [weak self] in self?.wake() })
    }
    return hasEnded
  }

  /// Takes what the verifiers have found.
  private func collectVerified() {
    for file in files where file.state == .verifying {
      guard let outcome = file.verifier?.outcome else {
        // Bytes that came while the queue was busy.
        file.advance(queue: hashQueue, wake: { [weak self] in self?.wake() })
        continue
      }
      switch outcome {
      case .published:
        file.finish()
        do { try onDone(file.file) } catch { failure = failure ?? error }
      case .failed(let error): failure = failure ?? error
      case .mismatch(let found):
        restart(file, otherwise: .corrupt(file: file.file.path, expected: file.file.etag, found: found))
      }
    }
  }

  /// Fetches a file anew once; the second time gives up with the error, and leaves nothing behind to resume from.
  func restart(_ file: FileTransfer, otherwise error: HubError) {
    file.restarts += 1
    // What is still under way brings its last bytes first, to be forgotten with the rest.
    drop { $0.file === file }
    file.restart(queue: hashQueue, wake: { [weak self] in self?.wake() })
    if file.restarts > 1 { failure = failure ?? error }
  }

  /// Puts a file off until the pause is over, or gives up with the error after too many failures in a row.
  func retry(_ file: FileTransfer, after pause: Double?, otherwise error: HubError) throws {
    let now = clock.now()
    let seconds = pause ?? retries.pause(after: file.failures)
    // Connections that one incident cut together count as one failure.
    if file.notBefore <= now { file.failures += 1 }
    guard file.failures < retries.attempts, seconds <= retries.longestPause else { throw error }
    ledger.add(retries: 1)
    file.notBefore = max(file.notBefore, now + Int64(seconds * 1e9))
  }

  /// Ends transfers in the middle.
  func drop(where condition: (BlockTransfer) -> Bool) {
    for (pointer, transfer) in transfers where condition(transfer) {
      curl_multi_remove_handle(multi, pointer)
      transfers[pointer] = nil
      transfer.flush()
      transfer.file.blocksInFlight.remove(transfer.block)
      transfer.file.isResolving = false
      ledger.add(bytes: transfer.received)
    }
  }

  private func dropAll() {
    drop { _ in true }
    idle = []
    // The last hash may still read a file that is about to close.
    hashQueue.sync {}
    for file in files where file.state != .done { file.leaveNothingEmpty() }
  }
}
