/// A repository with an optional revision and an optional choice among its files, as people write it.
///
/// `org/name`, `hf:org/name@revision:Q4_K_M`, `hf:org/name:folder/model.gguf`.
public struct HubReference: Hashable, Sendable, CustomStringConvertible {
  public var repository: String
  public var revision: String
  /// A quantization or a file's path; nil for what suits best.
  public var selection: String?

  public init(repository: String, revision: String = "main", selection: String? = nil) {
    self.repository = repository
    self.revision = revision
    self.selection = selection
  }

  /// Reads a reference, with or without `hf:` (or the Hub's address) in front.
  ///
  /// - Throws: `HubError.badReference`, `HubError.unsafeName`.
  public init(parsing text: String) throws(HubError) {
    var rest = text[...]
    for prefix in ["hf://", "hf:", "https://huggingface.co/"] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      break
    }
    let name = rest.prefix { $0 != "@" && $0 != ":" }
    rest = rest[name.endIndex...]
    repository = String(name)
    guard HubName.isRepository(repository) else {
      throw .badReference(text: text, cause: "a repository is written org/name")
    }
    revision = "main"
    if rest.first == "@" {
      let part = rest.dropFirst().prefix { $0 != ":" }
      rest = rest[part.endIndex...]
      revision = String(part)
      guard HubName.isSafePath(revision) else { throw .unsafeName(name: revision) }
    }
    guard rest.first == ":" else { return }
    let wanted = String(rest.dropFirst())
    guard HubName.isSafePath(wanted) else { throw .unsafeName(name: wanted) }
    selection = wanted
  }

  public var description: String {
    repository + (revision == "main" ? "" : "@\(revision)") + (selection.map { ":\($0)" } ?? "")
  }
}
