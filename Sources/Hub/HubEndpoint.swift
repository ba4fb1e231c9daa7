public import Platform
import Units

/// The address, credentials and cache folder of a Hugging Face Hub, as the environment gives them.
public struct HubEndpoint: Hashable, Sendable {
  /// Without a slash at the end.
  public var url: String
  /// The access token; sent to this endpoint's own origin only, and never printed.
  public var token: String?
  public var isOffline: Bool
  /// The folder that holds `models--ORG--NAME`, shared with every other tool.
  public var cache: String

  /// Creates the endpoint from the variables that the official client reads.
  ///
  /// `HF_ENDPOINT`; `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, else the file `HF_TOKEN_PATH` (usually `token` in `HF_HOME`), else the
  /// only token of `stored_tokens` beside it, which `HF_HUB_DISABLE_IMPLICIT_TOKEN` leaves unread; `HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE`; `HF_HUB_CACHE`.
  public init(environment: [String: String], files: some FileTree = DiskTree()) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func isOn(_ name: String) -> Bool { ["1", "true", "yes", "on"].contains(environment[name]?.lowercased() ?? "") }
    var address = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while address.hasSuffix("/") { address.removeLast() }
    url = address
    let home = Self.expanded(DataFolders(environment: environment).huggingFace, home: environment["HOME"])
    cache = Self.expanded(
      value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") ?? "\(home)/hub", home: environment["HOME"])
    isOffline = isOn("HF_HUB_OFFLINE") || isOn("TRANSFORMERS_OFFLINE")
    token = value("HF_TOKEN") ?? value("HUGGING_FACE_HUB_TOKEN")
    if token == nil, !isOn("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
      let file = Self.expanded(value("HF_TOKEN_PATH") ?? "\(home)/token", home: environment["HOME"])
      token = files.text(file, limit: 4096) ?? Self.storedToken(beside: file, in: files)
    }
    // A token with a line's end or a stray space would break the header it travels in.
    token = token.map { String($0.filter { !$0.isWhitespace && $0.isASCII }) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The token that the official client keeps by name, where there is one alone: of several none is the chosen one.
  private static func storedToken(beside file: String, in files: some FileTree) -> String? {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard let text = files.text("\(folder)/stored_tokens", limit: 65536) else { return nil }
    // An INI file: `[name]`, and `hf_token = hf_...` below it.
    let tokens = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      return parts.count == 2 && parts[0] == "hf_token" && !parts[1].isEmpty ? parts[1] : nil
    }
    return Set(tokens).count == 1 ? tokens.first : nil
  }

  private static func expanded(_ path: String, home: String?) -> String {
    guard path.hasPrefix("~/"), let home else { return path }
    return home + path.dropFirst()
  }

  /// The header lines for a request to that address: the token only where it is this endpoint's own origin.
  func headers(for address: String) -> [String: String] {
    var headers = ["Accept-Encoding": "identity", "User-Agent": "plimsoll/\(ProgramVersion.current.version)"]
    if let token, let own = WebOrigin(url), WebOrigin(address) == own { headers["Authorization"] = "Bearer \(token)" }
    return headers
  }
}
