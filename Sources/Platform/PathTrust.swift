/// Who could have put a program or a file where it is.
///
/// What runs with a user's rights must come from that user or from the system's administrator: somebody else who may write
/// to it, or to a folder above it, decides what it does.
public enum PathTrust {
  /// Says whom a path should not be trusted to; nil where only this user and root can change what it leads to.
  ///
  /// Links are followed, and both the way to the link and to what it leads to are looked at. A folder in which everybody may
  /// write and nobody may replace what is another's (`/tmp`) is no danger above a folder of the user's own.
  ///
  /// - Parameter path: absolute; anything else depends on where a program happens to be started.
  public static func doubt(about path: String) -> String? {
    guard path.hasPrefix("/") else { return "\(path) is not an absolute path" }
    return doubt(alongRealPathOf: path) ?? doubt(along: path)
  }

  private static func doubt(alongRealPathOf path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return doubt(along: String(cString: real))
  }

  private static func doubt(along path: String) -> String? {
    let parts = path.split(separator: "/")
    return (0...parts.count).reversed().lazy.compactMap { count in
      let place = "/" + parts.prefix(count).joined(separator: "/")
      return doubt(at: place, isAbove: count < parts.count)
    }.first
  }

  private static func doubt(at place: String, isAbove: Bool) -> String? {
    var status = stat()
    guard lstat(place, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return nil }
    let isSticky = isAbove && status.st_mode & S_ISVTX != 0
    if status.st_uid != 0, status.st_uid != geteuid() { return "\(place) belongs to another user" }
    if status.st_mode & S_IWOTH != 0, !isSticky { return "everybody may write to \(place)" }
    return nil
  }
}

/// Returns this user's home folder as the system's user database has it; nil where it has none.
public func homeOfUser() -> String? {
  var entry = passwd()
  var found: UnsafeMutablePointer<passwd>?
  var buffer = [CChar](repeating: 0, count: 16384)
  guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir else {
    return nil
  }
  let path = String(cString: home)
  return path.hasPrefix("/") ? path : nil
}
