import Platform

/// Measures sequential reads of the disk that a folder is on, by a file of its own that is not in the page cache.
enum DiskMeter {
  private static let bytes = 192 << 20
  private static let chunk = 4 << 20

  /// Returns bytes a second; nil where the file cannot be made, or the page cache cannot be kept out of it.
  static func read(folder: String, clock: MonotonicClock) -> Double? {
    guard (try? DataFolders.make(folder)) != nil else { return nil }
    let path = "\(folder)/disk-measurement.\(getpid()).tmp"
    defer { unlink(path) }
    guard write(path) else { return nil }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    #if canImport(Glibc)
      guard posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 else { return nil }
    #else
      guard fcntl(file, F_NOCACHE, 1) == 0 else { return nil }
    #endif
    var buffer = [UInt8](repeating: 0, count: chunk)
    let start = clock.now()
    var total = 0
    while total < bytes {
      let count = buffer.withUnsafeMutableBytes { SystemCalls.read(file, $0) }
      guard count > 0 else { return nil }
      total += count
    }
    return Double(total) / (Double(max(1, clock.now() - start)) / 1e9)
  }

  /// Writes noise, which neither a disk nor a file system makes smaller, and waits until it is on the disk.
  private static func write(_ path: String) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    var state: UInt64 = 0x2545_f491_4f6c_dd1d
    let noise = (0..<(chunk / 8)).map { _ -> UInt64 in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    for _ in 0..<(bytes / chunk) {
      guard noise.withUnsafeBytes({ SystemCalls.write(file, $0) }) == chunk else { return false }
    }
    return fsync(file) == 0
  }

  /// The two calls by names of their own, for `read` and `write` are this type's.
  private enum SystemCalls {
    static func read(_ file: Int32, _ space: UnsafeMutableRawBufferPointer) -> Int {
      #if canImport(Glibc)
        Glibc.read(file, space.baseAddress, space.count)
      #else
        Darwin.read(file, space.baseAddress, space.count)
      #endif
    }

    static func write(_ file: Int32, _ space: UnsafeRawBufferPointer) -> Int {
      #if canImport(Glibc)
        Glibc.write(file, space.baseAddress, space.count)
      #else
        Darwin.write(file, space.baseAddress, space.count)
      #endif
    }
  }
}
