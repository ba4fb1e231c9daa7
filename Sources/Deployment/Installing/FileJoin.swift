import Platform

/// Joins files and takes their hash on the way, in pieces of a MiB.
enum FileJoin {
  /// Writes the parts one after another and returns the SHA-256 of the whole.
  static func join(_ parts: [String], into path: String) throws(FileError) -> String {
    let out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard out >= 0 else { throw .unwritable(path: path, cause: String(cString: strerror(errno))) }
    defer { close(out) }
    var hash = SHA256()
    for part in parts {
      try each(part) { (piece: UnsafeRawBufferPointer) throws(FileError) in
        hash.update(piece)
        var rest = piece
        while !rest.isEmpty {
          let written = write(out, rest.baseAddress, rest.count)
          guard written > 0 else { throw .unwritable(path: path, cause: String(cString: strerror(errno))) }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
      }
    }
    guard fsync(out) == 0 else { throw .unwritable(path: path, cause: String(cString: strerror(errno))) }
    return hash.hexDigest
  }

  static func digest(of path: String) throws(FileError) -> String {
    var hash = SHA256()
    try each(path) { hash.update($0) }
    return hash.hexDigest
  }

  private static func each(_ path: String, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError)
  {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .missing(path: path) }
    defer { close(file) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let count = read(file, buffer.baseAddress, buffer.count)
      guard count >= 0 else { throw .unreadable(path: path, cause: String(cString: strerror(errno))) }
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
