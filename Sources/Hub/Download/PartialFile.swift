import Dispatch
import Platform

/// A blob on its way: the bytes so far in `ETAG.plimsoll.incomplete`, and beside them how far each block has come.
///
/// The counts live in a small mapped file: they are in the kernel's hands the moment they are stored, so that a process
/// killed between any two instructions loses only what it had not written. The names differ from the official client's
/// `ETAG.incomplete`, which old versions take for a prefix without holes.
/// `@unchecked Sendable`: the transfer thread alone writes; the other queues only read, or flush, bytes counted before.
final class PartialFile: @unchecked Sendable {
  let path: String
  let size: Int
  let blockSize: Int
  let blockCount: Int
  let descriptor: Int32
  private let statePath: String
  private let state: UnsafeMutablePointer<UInt64>
  /// How much of each block the disk has been asked to write.
  private var handedOver: [Int]
  /// Asking waits where the disk is busy, which neither the network nor the hash should.
  private let writeback = DispatchQueue(label: "plimsoll.writeback")
  /// What the last flush may have left to wait for, per block: some hundredths of a second of a disk.
  private static let writebackStep = 8 << 20

  /// "PLIMSOLL" as a number; the words after it are size, block size and block count.
  private static let magic: UInt64 = 0x504C_494D_534F_4C4C
  private static let headerWords = 4

  private var stateBytes: Int { (Self.headerWords + blockCount) * 8 }

  /// Opens or makes the files of a blob, taking up what an earlier process left.
  ///
  /// - Throws: `HubError.file`.
  init(blob: String, size: Int, blockSize: Int) throws(HubError) {
    path = blob + ".plimsoll.incomplete"
    statePath = blob + ".plimsoll.state"
    self.size = size
    self.blockSize = max(1, blockSize)
    blockCount = size == 0 ? 0 : (size - 1) / self.blockSize + 1
    handedOver = [Int](repeating: 0, count: blockCount)
    let adopted = Self.adopt(blob: blob, size: size, as: path)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw .file(.unwritable(path: path, cause: String(cString: strerror(errno))))
    }
    let bytes = (Self.headerWords + blockCount) * 8
    let stateFile = open(statePath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    defer { if stateFile >= 0 { close(stateFile) } }
    guard stateFile >= 0, Self.fill(stateFile, bytes: bytes),
      let map = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, stateFile, 0), map != MAP_FAILED
    else {
      close(descriptor)
      throw .file(.unwritable(path: statePath, cause: String(cString: strerror(errno))))
    }
    state = map.assumingMemoryBound(to: UInt64.self)
    if !isValid { restart() }
    if ftruncate(descriptor, off_t(size)) != 0 { restart() }
    if adopted > 0 { count(prefix: adopted) }
  }

  deinit {
    munmap(state, stateBytes)
    close(descriptor)
  }

  /// Takes over a prefix that an older official client left; returns its length.
  private static func adopt(blob: String, size: Int, as path: String) -> Int {
    var status = stat()
    guard access(path, F_OK) != 0, lstat(blob + ".incomplete", &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0, status.st_size <= size, rename(blob + ".incomplete", path) == 0
    else { return 0 }
    return Int(status.st_size)
  }

  /// Gives the state its length in written zeros: on a full disk, a store into a mapped hole would end the program.
  private static func fill(_ descriptor: Int32, bytes: Int) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    if status.st_size == bytes { return true }
    let zeros = [UInt8](repeating: 0, count: bytes)
    let written = zeros.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, bytes, 0) }
    return written == bytes && ftruncate(descriptor, off_t(bytes)) == 0
  }

  private var isValid: Bool {
    guard state[0] == Self.magic, state[1] == UInt64(size), state[2] == UInt64(blockSize),
      state[3] == UInt64(blockCount),
      // Before they are added up: a damaged count can be any number.
      (0..<blockCount).allSatisfy({ state[Self.headerWords + $0] <= UInt64(range(of: $0).count) })
    else { return false }
    var status = stat()
    return fstat(descriptor, &status) == 0 && (status.st_size == size || bytesDone == 0)
  }

  /// Forgets everything: the next byte wanted is the first.
  func restart() {
    for block in 0..<blockCount {
      state[Self.headerWords + block] = 0
      handedOver[block] = 0
    }
    state[1] = UInt64(size)
    state[2] = UInt64(blockSize)
    state[3] = UInt64(blockCount)
    state[0] = Self.magic
  }

  private func count(prefix: Int) {
    for block in 0..<blockCount {
      let whole = range(of: block)
      state[Self.headerWords + block] = UInt64(max(0, min(whole.count, prefix - whole.lowerBound)))
    }
  }

  /// The bytes of the file that a block holds.
  func range(of block: Int) -> Range<Int> { block * blockSize..<min(size, (block + 1) * blockSize) }

  /// How many bytes of a block are there, from its start.
  ///
  /// Never more than the block: the counts are in a file that anything may write to while it is mapped.
  func done(_ block: Int) -> Int { min(Int(clamping: state[Self.headerWords + block]), range(of: block).count) }

  func isComplete(_ block: Int) -> Bool { done(block) == range(of: block).count }

  var bytesDone: Int { (0..<blockCount).reduce(0) { $0 + done($1) } }

  /// The length of the part from the start that has no hole.
  var frontier: Int {
    for block in 0..<blockCount where !isComplete(block) { return range(of: block).lowerBound + done(block) }
    return size
  }

  /// Writes bytes at the end of what a block has, then counts them; returns the system's error code, 0 for none.
  func append(_ bytes: UnsafeRawBufferPointer, to block: Int) -> Int32 {
    var offset = 0
    let start = range(of: block).lowerBound + done(block)
    while offset < bytes.count {
      let rest = bytes.baseAddress?.advanced(by: offset)
      let written = pwrite(descriptor, rest, bytes.count - offset, off_t(start + offset))
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      offset += written
      state[Self.headerWords + block] += UInt64(written)
    }
    handOver(block)
    return 0
  }

  /// Lets the disk begin with what came since the last time, so that little is left for the flush at the end.
  private func handOver(_ block: Int) {
    let came = done(block)
    guard came - handedOver[block] >= Self.writebackStep || isComplete(block) else { return }
    let start = range(of: block).lowerBound
    let fresh = start + handedOver[block]..<start + came
    handedOver[block] = came
    writeback.async { [self] in beginWriteback(descriptor, fresh) }
  }

  /// Takes away the counts of a blob that is there: what a kill between its name and their removal leaves.
  static func forgetState(ofBlob blob: String) { unlink(blob + ".plimsoll.state") }

  /// Takes the files off the disk; the caller holds the blob's lock.
  func remove() {
    unlink(path)
    unlink(statePath)
  }

  /// Flushes the bytes to disk and gives them their final name.
  func publish(as blob: String) throws(HubError) {
    guard fsync(descriptor) == 0, rename(path, blob) == 0 else {
      throw .file(.unwritable(path: blob, cause: String(cString: strerror(errno))))
    }
    unlink(statePath)
  }
}
