/// A model's path, with what a folder of the Hugging Face cache says of it.
public struct ModelPath: Hashable, Sendable {
  private let path: String
  private let parts: [Substring]
  /// Where `snapshots` stands in `models--ORG--NAME/snapshots/COMMIT/FILE`; nil outside of the cache.
  private let snapshots: Int?

  public init(_ path: String) {
    self.path = path
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    self.parts = parts
    snapshots = parts.indices.last { parts[$0] == "snapshots" && $0 > 0 && parts[$0 - 1].hasPrefix("models--") }
  }

  /// The repository's folder in the cache, whose snapshots are links to the blobs beside them, and the rest of the path.
  var cached: (folder: String, inside: String)? {
    snapshots.map { (parts[..<$0].joined(separator: "/"), parts[$0...].joined(separator: "/")) }
  }

  /// `org/name`, where the model is in the cache.
  private var repository: String? {
    snapshots.map { String(parts[$0 - 1].dropFirst("models--".count)).replacing("--", with: "/") }
  }

  /// What comes after the commit, where the model is in the cache.
  private var file: String? {
    snapshots.map { parts.dropFirst($0 + 2).joined(separator: "/") }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The model's name without folder and ending.
  var stem: String {
    let whole = snapshots == nil ? parts.last { !$0.isEmpty } : (file ?? repository)?.split(separator: "/").last
    guard let whole else { return "model" }
    return whole.lowercased().hasSuffix(".gguf") ? String(whole.dropLast(5)) : String(whole)
  }

  /// The path as a table shows it: by repository in the cache, by `~` below the home folder.
  public func short(home: String) -> String {
    if let repository { return ([repository] + (file.map { [$0] } ?? [])).joined(separator: "/") }
    return !home.isEmpty && path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path
  }
}
