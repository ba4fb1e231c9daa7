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

/// Returns a file's size in bytes, nil where there is none.
public func fileSize(_ path: String) -> Int? {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : nil
}
