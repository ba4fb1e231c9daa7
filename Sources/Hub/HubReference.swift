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

  /// Reads the address of a repository or of one of its files at that Hub; nil for any other address.
  ///
  /// `https://huggingface.co/org/name`, `…/org/name/tree/REVISION`, `…/org/name/resolve/REVISION/FILE`.
  public init?(address: String, endpoint: HubEndpoint) {
    let origins = [endpoint.url, "https://huggingface.co", "https://hf.co"]
    guard let origin = origins.first(where: { address.hasPrefix("\($0)/") }) else { return nil }
    let path = address.dropFirst(origin.count + 1).prefix { $0 != "?" && $0 != "#" }
    let parts = path.split(separator: "/").map { String($0) }
    guard parts.count >= 2, !path.contains("%"), HubName.isRepository("\(parts[0])/\(parts[1])") else { return nil }
    self.init(repository: "\(parts[0])/\(parts[1])")
    guard parts.count > 2 else { return }
    guard parts.count > 3, ["resolve", "blob", "tree"].contains(parts[2]), HubName.isSafePath(parts[3]) else {
      return nil
    }
    revision = parts[3]
    guard parts.count > 4, parts[2] != "tree" else { return }
    let file = parts.dropFirst(4).joined(separator: "/")
    guard HubName.isSafePath(file) else { return nil }
    selection = file
  }

  public var description: String {
    repository + (revision == "main" ? "" : "@\(revision)") + (selection.map { ":\($0)" } ?? "")
  }
}
