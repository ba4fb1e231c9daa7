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

  /// How the target is called in records: a deployment's name, or the address without credentials.
  public var name: String
  /// The address with or without `/v1`: `http://127.0.0.1:8080`.
  public var baseURL: String
  /// The model's name as the server wants it.
  public var model: String
  public var api: API
  /// Sent as a bearer token where there is one.
  public var apiKey: String?
  /// The server's processes on this machine, whose memory and CPU are sampled; empty where unknown or remote.
  public var processes: [Int32]
  /// More members for each request's body: name to JSON text, as `"top_k"` to `"1"`.
  public var extraBody: [String: String]

  public init(
    name: String? = nil, baseURL: String, model: String, api: API = .chat, apiKey: String? = nil,
    processes: [Int32] = [], extraBody: [String: String] = [:]
  ) {
    self.name = name ?? Self.withoutCredentials(baseURL)
    self.baseURL = baseURL
    self.model = model
    self.api = api
    self.apiKey = apiKey
    self.processes = processes
    self.extraBody = extraBody
  }

  /// The address that requests go to.
  public var endpoint: String { root + "/v1" + api.path }

  /// The address without its last slash and without `/v1`.
  public var root: String {
    var text = Substring(baseURL)
    while text.hasSuffix("/") { text.removeLast() }
    if text.hasSuffix("/v1") { text.removeLast(3) }
    return String(text)
  }

  /// True where the server runs on this machine, so that the machine's energy is the server's: its processes are known, or
  /// its address is a loopback one.
  var isOnThisMachine: Bool {
    !processes.isEmpty || WebOrigin(Self.withoutCredentials(baseURL))?.isLoopback == true
  }

  /// Returns an address without the `user:password@` that it may hold.
  static func withoutCredentials(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let rest = url[scheme.upperBound...]
    let host = rest.prefix { $0 != "/" }
    guard let at = host.lastIndex(of: "@") else { return url }
    return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
  }
}
