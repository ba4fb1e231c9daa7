import Dispatch
import Platform
import Units

/// One blob being fetched: its lock, its partial file, its place on the network, and what went wrong so far.
///
/// Confined to the transfer thread.
final class FileTransfer {
  enum State {
    /// Not begun, or its lock is with another process.
    case waiting
    case active
    /// Every byte is there; the verifier has the word.
    case verifying
    case done
  }

  let file: HubFile
  /// Where it is asked for; redirects lead to `place`.
  let url: String
  let blob: String
  private let lockPath: String
  var state = State.waiting
  private(set) var partial: PartialFile?
  private(set) var verifier: BlobVerifier?
  private var lock: FileLock?
  /// The signed address after redirects; nil until known, and again after it has expired.
  var place: String?
  /// The content server's own etag, by which a change between two ranges is noticed.
  var placeEtag: String?
  /// Redirects followed since the file's own address was last asked.
  var redirects = 0
  var isResolving = false
  /// False once the server has sent the whole file when asked for a part.
  var hasRanges = true
  var blocksInFlight: Set<Int> = []
  /// Failures since the last byte that was new.
  var failures = 0
  /// The farthest that it ever came, so that a server that restarts forever is given up.
  private var farthest = 0
  /// How often it began anew because of a wrong hash or a change.
  var restarts = 0
  /// No request before this moment, in nanoseconds.
  var notBefore: Int64 = 0
  var nextLockTry: Int64 = 0
  /// Bytes that were there before this run.
  private(set) var bytesFound = 0

  init(file: HubFile, url: String, blob: String, lockPath: String) {
    self.file = file
    self.url = url
    self.blob = blob
    self.lockPath = lockPath
  }

  var bytesDone: Int { state == .done ? file.bytes.bytes : (partial?.bytesDone ?? 0) }

  /// Takes the lock and opens the partial file; false while another process has it.
  ///
  /// Where that other process has finished in the meantime, the file is done at once.
  func begin(blockSize: Int, queue: DispatchQueue, wake: @escaping @Sendable () -> Void) throws(HubError) -> Bool {
    guard let taken = try FileLock(lockPath) else { return false }
    if HubCache.isWhole(blob, file.bytes) {
      state = .done
      return true
    }
    let opened = try PartialFile(blob: blob, size: file.bytes.bytes, blockSize: blockSize)
    lock = taken
    partial = opened
    bytesFound = opened.bytesDone
    farthest = bytesFound
    verifier = BlobVerifier(file: opened, blob: blob, etag: file.etag, queue: queue, wake: wake)
    state = .active
    advance(queue: queue, wake: wake)
    return true
  }

  /// Tells the verifier how far the bytes reach.
  func advance(queue: DispatchQueue, wake: @Sendable () -> Void) {
    guard let partial else { return }
    let frontier = partial.frontier
    if frontier == partial.size { state = .verifying }
    verifier?.advance(to: frontier)
  }

  /// The next block to ask for; nil where every one is there or on its way.
  var nextBlock: Int? {
    guard let partial else { return nil }
    if !hasRanges { return blocksInFlight.isEmpty ? 0 : nil }
    return (0..<partial.blockCount).first { !partial.isComplete($0) && !blocksInFlight.contains($0) }
  }

  /// Notes bytes that arrived; a new greatest length clears the failures.
  func noteProgress() {
    let now = bytesDone
    if now > farthest {
      farthest = now
      failures = 0
    }
  }

  /// Starts again from nothing, with a fresh look at where the file is.
  func restart(queue: DispatchQueue, wake: @escaping @Sendable () -> Void) {
    forgetPlace()
    bytesFound = 0
    state = .active
    rewind(queue: queue, wake: wake)
  }

  /// Asks the file's own address again with the next request, as where a signed one has expired.
  func forgetPlace() {
    place = nil
    placeEtag = nil
    redirects = 0
  }

  /// Forgets the bytes that came, and what was hashed of them.
  func rewind(queue: DispatchQueue, wake: @escaping @Sendable () -> Void) {
    guard let partial else { return }
    partial.restart()
    verifier = BlobVerifier(file: partial, blob: blob, etag: file.etag, queue: queue, wake: wake)
  }

  /// Removes the partial file again if no byte of it ever came, as where the server refuses.
  func leaveNothingEmpty() {
    guard let partial, partial.bytesDone == 0 else { return }
    partial.remove()
  }

  /// Lets the lock and the files go.
  func finish() {
    state = .done
    lock = nil
    partial = nil
    verifier = nil
  }
}
