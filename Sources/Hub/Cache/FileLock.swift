import Platform

/// A lock on a file that the official client's locks respect (flock), held until it is released or the process ends.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// Tries to take the lock without waiting; nil while another process has it.
  ///
  /// The file stays when the lock is released, as the official client leaves it: removing it would let two in.
  init?(_ path: String) throws(HubError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
    guard opened >= 0 else {
      throw .file(.unwritable(path: path, cause: String(cString: strerror(errno))))
    }
    var mine = stat()
    var current = stat()
    // Between opening and locking the file may have been removed by hand: such a lock guards nothing.
    guard flock(opened, LOCK_EX | LOCK_NB) == 0, fstat(opened, &mine) == 0, stat(path, &current) == 0,
      mine.st_ino == current.st_ino, mine.st_dev == current.st_dev
    else {
      close(opened)
      return nil
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
