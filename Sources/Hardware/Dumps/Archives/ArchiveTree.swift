import Platform

/// A file tree inside an archive, read in place: nothing is written to disk and no link leads out.
struct ArchiveTree: FileTree {
  static let maximumEntries = 500_000

  private enum Entry {
    case file(Range<Int>)
    /// Content of its own, for members that were packed.
    case unpacked([UInt8])
    case link(String)
    case folder
  }

  private let bytes: [UInt8]
  private var entries: [String: Entry] = [:]
  private var names: [String: Set<String>] = [:]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { entries.count }

  mutating func addFile(_ name: String, _ range: Range<Int>) { add(name, .file(range)) }
  mutating func addFile(_ name: String, content: [UInt8]) { add(name, .unpacked(content)) }
  mutating func addLink(_ name: String, _ target: String) { add(name, .link(target)) }
  mutating func addFolder(_ name: String) { add(name, .folder) }

  private mutating func add(_ name: String, _ entry: Entry) {
    let parts = name.split(separator: "/").filter { $0 != "." }
    guard !parts.isEmpty, parts.count <= 64, !parts.contains("..") else { return }
    var path = ""
    for part in parts {
      let inserted = names[path, default: []].insert(String(part)).inserted
      path += "/\(part)"
      if inserted, entries[path] == nil { entries[path] = .folder }
    }
    entries[path] = entry
  }

  func read(_ path: String, limit: Int) -> [UInt8]? {
    guard let place = resolve(path) else { return nil }
    switch entries[place] {
    case .file(let range): return Array(bytes[range.prefix(limit)])
    case .unpacked(let content): return Array(content.prefix(limit))
    default: return nil
    }
  }

  func list(_ path: String) -> [String] {
    resolve(path).flatMap { names[$0] }?.sorted() ?? []
  }

  func link(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    guard let last = parts.last, let folder = resolve(parts.dropLast().map { "/\($0)" }.joined()) else { return nil }
    if case .link(let target) = entries["\(folder)/\(last)"] { return target }
    return nil
  }

  /// Follows links inside the tree; nil for more than forty of them.
  private func resolve(_ path: String) -> String? {
    if case .file = entries[path] { return path }
    var done = ""
    var pending = path.split(separator: "/").reversed().map { String($0) }
    var hops = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        done = done.lastIndex(of: "/").map { String(done[..<$0]) } ?? ""
        continue
      }
      let next = "\(done)/\(part)"
      guard case .link(let target) = entries[next] else {
        done = next
        continue
      }
      hops += 1
      guard hops < 40, pending.count < 1024 else { return nil }
      if target.hasPrefix("/") { done = "" }
      pending += target.split(separator: "/").reversed().map { String($0) }
    }
    return done
  }
}

/// A part of a tree as a tree of its own.
struct SubTree: FileTree {
  let tree: any FileTree
  let root: String

  func read(_ path: String, limit: Int) -> [UInt8]? { tree.read(root + path, limit: limit) }
  func list(_ path: String) -> [String] { tree.list(root + path) }
  func link(_ path: String) -> String? { tree.link(root + path) }
}
