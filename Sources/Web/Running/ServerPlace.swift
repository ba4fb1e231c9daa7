import Foundation
public import Platform

/// The place of a home's one server: a file that it keeps locked while it runs, with its record inside.
///
/// The system lets the lock go with the process, however that ends, so that a killed server is in nobody's way.
public final class ServerPlace: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Takes the place; nil while another server has it.
  ///
  /// - Throws: `FileError` where the file cannot be written.
  public static func taken(_ folders: DataFolders) async throws -> ServerPlace? {
    try DataFolders.make(folders.data)
    let path = path(folders)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw FileError.unwritable(path: path, cause: String(cString: strerror(errno)))
    }
    // A command that looks whether a server runs holds the lock for a moment.
    for _ in 0..<20 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        ftruncate(descriptor, 0)
        return ServerPlace(descriptor, path)
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    close(descriptor)
    return nil
  }

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// Writes down who has the place.
  ///
  /// - Throws: `FileError.unwritable`.
  public func record(_ server: RunningServer) throws {
    let bytes = [UInt8](try JSONEncoder().encode(server))
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw FileError.unwritable(path: path, cause: String(cString: strerror(errno)))
    }
  }

  /// True while a server has the place.
  static func isHeld(_ folders: DataFolders) -> Bool { reading(folders) { _ in true } ?? false }

  /// What the server that has the place wrote down; nil where none has it, or the file could be another user's.
  static func recordOfHolder(_ folders: DataFolders) -> [UInt8]? {
    reading(folders) { file in
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = pread(file, &bytes, bytes.count, 0)
      return count > 0 ? Array(bytes.prefix(count)) : nil
    } ?? nil
  }

  /// Reads the file while a server has it locked; nil where none has.
  private static func reading<Value>(_ folders: DataFolders, _ body: (Int32) -> Value) -> Value? {
    let descriptor = open(path(folders), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 == 0,
      flock(descriptor, LOCK_SH | LOCK_NB) != 0
    else { return nil }
    return body(descriptor)
  }

  private static func path(_ folders: DataFolders) -> String { "\(folders.data)/serve.json" }
}
