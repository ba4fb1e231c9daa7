extension stat {
  /// Seconds since 1970 at which the content was changed last.
  public var modifiedSeconds: Int {
    #if canImport(Darwin)
      Int(st_mtimespec.tv_sec)
    #else
      Int(st_mtim.tv_sec)
    #endif
  }

  /// True for a regular file.
  public var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
}

/// Lets the system drop what it has cached of a file, so that the next reads come from the disk; false where it refuses.
public func bypassCache(_ descriptor: Int32) -> Bool {
  #if os(Linux)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0
  #else
    fcntl(descriptor, F_NOCACHE, 1) == 0
  #endif
}
