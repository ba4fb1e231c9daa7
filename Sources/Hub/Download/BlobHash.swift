import Dispatch
import Platform
import Synchronization

/// The hash that an etag promises: SHA-256 for 64 digits, git's blob SHA-1 for 40.
enum BlobHash: Sendable {
  case sha256(SHA256)
  case git(SHA1)

  init(etag: String, size: Int) {
    self = etag.utf8.count == 64 ? .sha256(SHA256()) : .git(SHA1(gitBlobOf: size))
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .sha256(var hash):
      // Moved out and in again, so that no copy of the state is made.
      self = .git(SHA1())
      hash.update(bytes)
      self = .sha256(hash)
    case .git(var hash):
      hash.update(bytes)
      self = .git(hash)
    }
  }

  var hexDigest: String {
    switch self {
    case .sha256(let hash): hash.hexDigest
    case .git(let hash): hash.hexDigest
    }
  }

  /// Adds a range of a file; returns false where it cannot be read.
  mutating func update(descriptor: Int32, range: Range<Int>) -> Bool {
    // Small enough that the hash finds in the processor's cache what was just read into it.
    let room = min(range.count, 256 << 10)
    guard room > 0 else { return true }
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 64) { buffer in
      var offset = range.lowerBound
      while offset < range.upperBound {
        let count = pread(descriptor, buffer.baseAddress, min(room, range.upperBound - offset), off_t(offset))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        offset += count
      }
      return true
    }
  }
}

/// Hashes a partial file behind the transfers, in order, on its own queue, and publishes it when the hash is right.
final class BlobVerifier: Sendable {
  /// What came of it.
  enum Outcome: Sendable {
    case published
    case mismatch(found: String)
    case failed(HubError)
  }

  private struct State {
    var hash: BlobHash
    var hashed = 0
    var isBusy = false
    var outcome: Outcome?
  }

  private let file: PartialFile
  private let blob: String
  private let etag: String
  private let state: Mutex<State>
  private let queue: DispatchQueue
  private let wake: @Sendable () -> Void
  /// Bytes that must have come before the queue is bothered again.
  private static let step = 4 << 20

  init(file: PartialFile, blob: String, etag: String, queue: DispatchQueue, wake: @escaping @Sendable () -> Void) {
    self.file = file
    self.blob = blob
    self.etag = etag
    self.queue = queue
    self.wake = wake
    state = Mutex(State(hash: BlobHash(etag: etag, size: file.size)))
  }

  var outcome: Outcome? { state.withLock { $0.outcome } }

  /// Says that the bytes up to there are in the file; called by the transfer thread.
  func advance(to frontier: Int) {
    let range: Range<Int>? = state.withLock { state in
      guard !state.isBusy, state.outcome == nil else { return nil }
      guard frontier == file.size || frontier - state.hashed >= Self.step else { return nil }
      state.isBusy = true
      return state.hashed..<frontier
    }
    guard let range else { return }
    queue.async { self.hash(range) }
  }

  private func hash(_ range: Range<Int>) {
    var hash = state.withLock { $0.hash }
    let isRead = hash.update(descriptor: file.descriptor, range: range)
    var outcome: Outcome?
    if !isRead {
      outcome = .failed(.file(.unreadable(path: file.path, cause: "its bytes cannot be read back")))
    } else if range.upperBound == file.size {
      outcome = finish(hash.hexDigest)
    }
    state.withLock {
      $0.hash = hash
      $0.hashed = range.upperBound
      $0.isBusy = false
      $0.outcome = outcome
    }
    wake()
  }

  private func finish(_ found: String) -> Outcome {
    guard found == etag else { return .mismatch(found: found) }
    do throws(HubError) {
      try file.publish(as: blob)
      return .published
    } catch {
      return .failed(error)
    }
  }
}
