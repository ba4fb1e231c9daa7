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
    for prefix in ["hf://", "hf:"] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      break
    }
    if let prefix = Self.webPrefixes.first(where: rest.hasPrefix) {
      rest = rest.dropFirst(prefix.count)
      if let named = Self(webPath: rest) {
        self = named
        return
      }
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

  /// The Hub's names on the web; a word that begins with one and a slash names what is there.
  private static let hosts = ["huggingface.co", "hf.co", "www.huggingface.co"]
  private static let webPrefixes = hosts.flatMap { ["https://\($0)/", "http://\($0)/", "\($0)/"] }

  /// True for a word that names something on the Hub: `hf:org/name`, `hf.co/org/name`.
  public static func isReference(_ text: String) -> Bool {
    text.hasPrefix("hf:") || hosts.contains { text.hasPrefix("\($0)/") }
  }

  /// Reads the address of a repository, of one of its files or of a folder in it at that Hub; nil for any other address.
  ///
  /// `https://huggingface.co/org/name`, `…/org/name/tree/REVISION/FOLDER`, `…/org/name/resolve/REVISION/FILE`, and the same
  /// with `blob` and `raw`. A slash within a revision is written `%2F`.
  public init?(address: String, endpoint: HubEndpoint) {
    guard let origin = (["\(endpoint.url)/"] + Self.webPrefixes).first(where: address.hasPrefix) else { return nil }
    self.init(webPath: address.dropFirst(origin.count))
  }

  /// Reads what follows the Hub's origin in an address.
  private init?(webPath: Substring) {
    let path = webPath.prefix { $0 != "?" && $0 != "#" }
    let parts = path.split(separator: "/").map { HubName.decoded($0) }
    guard parts.count >= 2, let organization = parts[0], let name = parts[1],
      HubName.isRepository("\(organization)/\(name)")
    else { return nil }
    self.init(repository: "\(organization)/\(name)")
    guard parts.count > 2 else { return }
    guard parts.count > 3, let verb = parts[2], ["resolve", "blob", "raw", "tree"].contains(verb),
      let revision = parts[3], HubName.isSafePath(revision)
    else { return nil }
    self.revision = revision
    guard parts.count > 4 else { return }
    let rest = parts.dropFirst(4).compactMap { $0 }
    guard rest.count == parts.count - 4, HubName.isSafePath(rest.joined(separator: "/")) else { return nil }
    selection = rest.joined(separator: "/")
  }

  public var description: String {
    repository + (revision == "main" ? "" : "@\(revision)") + (selection.map { ":\($0)" } ?? "")
  }
}
