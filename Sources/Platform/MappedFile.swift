public import Units

/// Why a file could not be read or written.
public enum FileError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case missing(path: String)
  case notAFile(path: String)
  case unreadable(path: String, cause: String)
  case unwritable(path: String, cause: String)

  public var description: String {
    switch self {
    case .missing(let path): "no such file: \(path)"
    case .notAFile(let path): "not a regular file: \(path)"
    case .unreadable(let path, let cause): "cannot read \(path): \(cause)"
    case .unwritable(let path, let cause): "cannot write \(path): \(cause)"
    }
  }
}

extension FileError {
  public var reason: Reason {
    switch self {
    case .missing: Reason(.noSuchFile, description)
    case .notAFile: Reason(.notAFile, description)
    case .unreadable: Reason(.unreadableFile, description)
    case .unwritable: Reason(.unwritableFile, description)
    }
  }

  public var outcome: FailureOutcome {
    if case .unwritable = self { .failed } else { .refusedInput }
  }
}

/// A file mapped read-only into memory, unmapped when the last reference goes.
///
/// A file that another program cuts short while it is mapped raises SIGBUS on the pages that are gone; headers are
/// therefore read at once, after the size was taken.
public final class MappedFile: Sendable {
  public let path: String
  public let size: Int
  // Immutable after init, and read-only pages: safe to share between threads.
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps a file.
  ///
  /// - Throws: `FileError` where it is missing, a folder or device, or can't be opened.
  public init(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .missing(path: path) : .unreadable(path: path, cause: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    self.path = path
    size = Int(status.st_size)
    guard size > 0 else {
      base = nil
      return
    }
    guard let map = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED else {
      throw .unreadable(path: path, cause: String(cString: strerror(errno)))
    }
    base = UnsafeRawPointer(map)
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), size) }
  }

  /// Calls the body with the file's bytes; the span must not leave it.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Sound: the mapping lives as long as self, which outlives the call.
    try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : size)))
  }
}

/// Writes a file whole: to a temporary name beside it, flushed, then renamed over it.
///
/// - Parameter temporary: another such name on the same disk, where a file that a kill leaves beside it would be taken for
///   one of its kind.
/// - Throws: `FileError.unwritable`; the old content is untouched then.
public func writeAtomically(
  _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644, through temporary: String? = nil
) throws(FileError) {
  let temporary = temporary ?? temporaryPath(beside: path)
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
  guard descriptor >= 0 else { throw .unwritable(path: path, cause: String(cString: strerror(errno))) }
  var offset = 0
  var failure: Int32 = 0
  while offset < bytes.count, failure == 0 {
    let written = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
    }
    if written < 0 { failure = errno == EINTR ? 0 : errno } else { offset += written }
  }
  if failure == 0, fsync(descriptor) != 0 { failure = errno }
  close(descriptor)
  if failure == 0, rename(temporary, path) != 0 { failure = errno }
  guard failure == 0 else {
    unlink(temporary)
    throw .unwritable(path: path, cause: String(cString: strerror(failure)))
  }
}
