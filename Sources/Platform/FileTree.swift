import SystemPackage

/// Reads of small files below one root, so that a recorded machine can stand in for the real one.
///
/// Every path is absolute inside the tree (`/sys/devices/system/cpu`). Reads are bounded; what can't be read is nil.
public protocol FileTree: Sendable {
  /// Returns the first `limit` bytes of a file, or nil where there is none.
  func read(_ path: String, limit: Int) -> [UInt8]?
  /// Returns the names in a folder, sorted, or an empty list where there is none.
  func list(_ path: String) -> [String]
  /// Returns where a symbolic link points, unresolved, or nil where it is none.
  func link(_ path: String) -> String?
}

extension FileTree {
  /// Returns a file's text without its trailing white space, up to 1 MiB, with invalid UTF-8 repaired.
  public func text(_ path: String, limit: Int = 1 << 20) -> String? {
    guard let bytes = read(path, limit: limit) else { return nil }
    var text = Substring(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// Returns a file that holds one decimal integer, or nil.
  public func integer(_ path: String) -> Int? {
    text(path, limit: 64).flatMap { Int($0) }
  }
}

/// The files of this machine, or of a recorded one where a root is given.
///
/// Links that lead out of the root by an absolute target are followed inside the root only by way of `link`; plain
/// reads use the kernel's own resolution, so a dump from a stranger must be read with `followsLinks` off.
public struct DiskTree: FileTree {
  public let root: String
  private let followsLinks: Bool

  /// Creates a tree; an empty root is the machine itself.
  public init(root: String = "", followsLinks: Bool = true) {
    self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    self.followsLinks = followsLinks
  }

  public func read(_ path: String, limit: Int) -> [UInt8]? {
    guard let place = resolve(path) else { return nil }
    let options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking]
    guard let file = try? FileDescriptor.open(FilePath(place), .readOnly, options: options) else { return nil }
    defer { try? file.close() }
    // sysfs reports 4096 bytes whatever the content: read to the end, never to the size.
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(max(limit, 1), 65536))
    while content.count < limit {
      guard let count = try? chunk.withUnsafeMutableBytes({ try file.read(into: $0) }) else {
        return content.isEmpty ? nil : content
      }
      if count == 0 { break }
      content += chunk.prefix(min(count, limit - content.count))
    }
    return content
  }

  public func list(_ path: String) -> [String] {
    guard let place = resolve(path) else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted()
  }

  public func link(_ path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: root + path)
  }

  /// Returns the place on disk; in a tree that does not trust its links they are resolved here, inside the root.
  private func resolve(_ path: String) -> String? {
    guard path.hasPrefix("/"), !path.contains("\0") else { return nil }
    guard !followsLinks else { return root + path }
    var parts: [Substring] = []
    var pending = path.split(separator: "/").reversed().map { $0 }
    var hops = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        _ = parts.popLast()
        continue
      }
      parts.append(part)
      let place = root + "/" + parts.joined(separator: "/")
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: place) else { continue }
      hops += 1
      guard hops < 40 else { return nil }
      if target.hasPrefix("/") { parts = [] } else { parts.removeLast() }
      pending += target.split(separator: "/").reversed().map { $0 }
    }
    return root + "/" + parts.joined(separator: "/")
  }
}

/// A tree held in memory, for tests.
public struct MemoryTree: FileTree {
  public var files: [String: String]
  public var links: [String: String]

  public init(files: [String: String], links: [String: String] = [:]) {
    self.files = files
    self.links = links
  }

  public func read(_ path: String, limit: Int) -> [UInt8]? {
    files[path].map { Array($0.utf8.prefix(limit)) }
  }

  public func list(_ path: String) -> [String] {
    let prefix = path.hasSuffix("/") ? path : path + "/"
    let names = files.keys.filter { $0.hasPrefix(prefix) }.compactMap {
      $0.dropFirst(prefix.count).split(separator: "/").first.map { String($0) }
    }
    return Set(names).sorted()
  }

  public func link(_ path: String) -> String? { links[path] }
}
