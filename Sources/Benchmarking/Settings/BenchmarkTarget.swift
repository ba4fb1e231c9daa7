import CCurl
import Platform

/// The server that is measured: any that speaks OpenAI's chat or completions protocol with streaming.
///
/// Holds the key, so it is neither Codable nor printed; runs keep `name`, which never has credentials.
public struct BenchmarkTarget: Hashable, Sendable {
  /// The two forms of the protocol.
  public enum API: String, Hashable, Sendable, Codable, CaseIterable {
    case chat, completions

    var path: String { self == .chat ? "/chat/completions" : "/completions" }
  }

  /// The member of a request that limits the answer's length; some servers of OpenAI's refuse the older one.
  public enum OutputLimit: String, Hashable, Sendable, Codable, CaseIterable {
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
  }

  /// How the target is called in records: a deployment's name, or the address without credentials.
  public var name: String
  /// The address with or without `/v1`: `http://127.0.0.1:8080`.
  public var baseURL: String
  /// The model's name as the server wants it.
  public var model: String
  /// What the server itself lists; empty where it was not asked or does not tell.
  public var modelsListed: [String] = []
  public var api: API
  /// Sent as a bearer token where there is one.
  public var apiKey: String?
  /// The server's processes on this machine, whose memory and CPU are sampled; empty where unknown or remote.
  public var processes: [Int32]
  /// More members for each request's body: name to JSON text, as `"top_k"` to `"1"`.
  public var extraBody: [String: String]
  public var outputLimit = OutputLimit.maxTokens
  /// More headers for each request, as they go out: `X-Tenant: 7`.
  public var headers: [String] = []
  /// The path that requests go to instead of the protocol's own, with its first slash.
  public var path: String?
  /// A file of certificates to trust instead of the system's, PEM.
  public var caFile: String?
  /// True where the server's certificate is not checked.
  public var isInsecure = false

  public init(
    name: String? = nil, baseURL: String, model: String, api: API = .chat, apiKey: String? = nil,
    processes: [Int32] = [], extraBody: [String: String] = [:]
  ) {
    self.name = name ?? Self.withoutSecrets(baseURL)
    self.baseURL = baseURL
    self.model = model
    self.api = api
    self.apiKey = apiKey
    self.processes = processes
    self.extraBody = extraBody
  }

  /// The address that requests go to.
  public var endpoint: String {
    guard let path else { return address("/v1" + api.path) }
    // Both may name the version.
    return path.hasPrefix("/v1/") ? address(path) : Self.split(baseURL).base + path + Self.split(baseURL).rest
  }

  /// Where the server lists its models.
  var listing: String { address("/v1/models") }

  /// The address without its last slash, without `/v1` and without a query.
  public var root: String { Self.split(baseURL).root }

  /// True where the server runs on this machine, so that the machine's energy is the server's: its processes are known, or
  /// its address is a loopback one.
  var isOnThisMachine: Bool { !processes.isEmpty || WebOrigin(Self.withoutSecrets(baseURL))?.isLoopback == true }

  /// What libcurl cannot make of an address, in its words; nil where it can ask there.
  public static func fault(of url: String) -> String? {
    guard let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    let code = curl_url_set(parts, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME))
    return code == CURLUE_OK ? nil : String(cString: curl_url_strerror(code))
  }

  /// The lines of each request's head besides those of the transport.
  var headerLines: [String] {
    var lines = ["Content-Type: application/json", "Accept: text/event-stream", "Expect:", "User-Agent: plimsoll"]
    if let key = apiKey { lines.append("Authorization: Bearer \(key)") }
    func name(_ line: String) -> String { line.prefix { $0 != ":" }.lowercased() }
    let given = Set(headers.map(name))
    return lines.filter { !given.contains(name($0)) } + headers
  }

  private func address(_ path: String) -> String { root + path + Self.split(baseURL).rest }

  /// Cuts an address: with and without `/v1`, and its query.
  private static func split(_ url: String) -> (base: String, root: String, rest: String) {
    var base = url.prefix { $0 != "?" && $0 != "#" }
    let rest = url[base.endIndex...].prefix { $0 != "#" }
    while base.hasSuffix("/") { base.removeLast() }
    return (String(base), String(base.hasSuffix("/v1") ? base.dropLast(3) : base), String(rest))
  }
}

// MARK: - Secrets

extension BenchmarkTarget {
  /// What must never be printed or stored, though a server may repeat it: the key, the password of the address, the
  /// values of headers and of the address's query.
  var secrets: [String] {
    let (user, query) = Self.credentials(of: baseURL)
    let values = headers.map { $0.drop { $0 != ":" }.dropFirst().drop { $0 == " " } }.map { String($0) }
    let words = values.flatMap { [$0] + $0.split(separator: " ").map { String($0) } }
    return ([apiKey].compactMap { $0 } + user + query + words).filter { $0.utf8.count >= 6 }
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  private static func credentials(of url: String) -> (user: [String], query: [String]) {
    var user: [String] = []
    if let at = userEnd(of: url), let scheme = url.firstRange(of: "://") {
      let words = url[scheme.upperBound..<at].split(separator: ":", maxSplits: 1)
      user = words.dropFirst().map { String($0) }
    }
    let query = url.drop { $0 != "?" }.dropFirst().split { $0 == "&" || $0 == "#" }.compactMap { pair in
      pair.split(separator: "=", maxSplits: 1).dropFirst().first.map { String($0) }
    }
    return (user, query)
  }

  /// The place of the `@` that ends `user:password` in an address; a slash in the password does not hide it.
  private static func userEnd(of url: String) -> String.Index? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let rest = url[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
    let host = rest.prefix { $0 != "/" }
    if let at = host.lastIndex(of: "@") { return at }
    // `user:pass/word@host`: what stands before the slash is no host with a port.
    let port = host.drop { $0 != ":" }.dropFirst()
    guard host.contains(":"), !host.hasPrefix("["), Int(port) == nil else { return nil }
    return rest.lastIndex(of: "@")
  }

  /// Returns an address without the `user:password@` that it may hold, and without its query, which may hold a key.
  public static func withoutSecrets(_ url: String) -> String {
    let cut = url.prefix { $0 != "?" && $0 != "#" }
    guard let scheme = cut.firstRange(of: "://") else {
      return cut.lastIndex(of: "@").map { String(cut[cut.index(after: $0)...]) } ?? String(cut)
    }
    guard let at = userEnd(of: String(cut)) else { return String(cut) }
    return String(cut[..<scheme.upperBound] + cut[cut.index(after: at)...])
  }
}
