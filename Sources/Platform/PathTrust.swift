/// Who could have put a program or a file where it is.
///
/// What runs with a user's rights must come from that user or from the system's administrator: somebody else who may write
/// to it, or to a folder above it, decides what it does.
public enum PathTrust {
  /// Says whom a path should not be trusted to; nil where only this user and root can change what it leads to.
  ///
  /// Links are followed one by one, and the way to each is looked at as well as what it leads to. A folder in which everybody
  /// may write and nobody may replace what is another's (`/tmp`) is no danger above a folder of the user's own.
  ///
  /// - Parameter path: absolute; anything else depends on where a program happens to be started.
  public static func doubt(about path: String) -> String? {
    guard path.hasPrefix("/") else { return "\(path) is not an absolute path" }
    // What is left of the way, the next part last, and where it has led so far.
    var rest = Array(parts(of: path).reversed())
    var walked: [String] = []
    var links = 0
    // Whether everybody may put things into the folder where the next part lies.
    var isShared = false
    var doubts = [doubt(at: "/", isAbove: !rest.isEmpty, isShared: &isShared)].compactMap { $0 }
    while let part = rest.popLast() {
      if part == "." { continue }
      if part == ".." {
        walked = Array(walked.dropLast())
        _ = doubt(at: "/" + walked.joined(separator: "/"), isAbove: true, isShared: &isShared)
        continue
      }
      let place = "/" + (walked + [part]).joined(separator: "/")
      guard let target = link(at: place) else {
        walked.append(part)
        if let found = doubt(at: place, isAbove: !rest.isEmpty, isShared: &isShared) { doubts.append(found) }
        continue
      }
      links += 1
      guard links <= mostLinks else { return "\(path) leads through a circle of links" }
      if isShared, !isTrusted(ownerOf: place) { doubts.append("the link \(place) belongs to another user") }
      rest += parts(of: target).reversed()
      if target.hasPrefix("/") {
        walked = []
        _ = doubt(at: "/", isAbove: true, isShared: &isShared)
      }
    }
    // The one nearest to the file says most.
    return doubts.last
  }

  /// As many links as the kernel follows.
  private static let mostLinks = 40

  private static func parts(of path: String) -> [String] { path.split(separator: "/").map { String($0) } }

  /// Where a link leads; nil where there is no link.
  private static func link(at place: String) -> String? {
    var status = stat()
    guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return nil }
    return DiskTree().link(place)
  }

  private static func isTrusted(ownerOf place: String) -> Bool {
    var status = stat()
    return lstat(place, &status) == 0 && [0, geteuid()].contains(status.st_uid)
  }

  private static func doubt(at place: String, isAbove: Bool, isShared: inout Bool) -> String? {
    var status = stat()
    isShared = false
    guard lstat(place, &status) == 0 else { return nil }
    isShared = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_IWOTH != 0
    let isSticky = isAbove && status.st_mode & S_ISVTX != 0
    if status.st_uid != 0, status.st_uid != geteuid() { return "\(place) belongs to another user" }
    if isShared || status.st_mode & S_IWOTH != 0, !isSticky { return "everybody may write to \(place)" }
    return nil
  }
}

/// Returns where a program lies on a search path, absolute; nil where no folder of it holds one of that name.
public func programPlace(of name: String, path: String) -> String? {
  path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first {
    var status = stat()
    return stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access($0, X_OK) == 0
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
