/// Scheme, host and port of an address: what decides whether a secret may go there.
public struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
  public let scheme: String
  public let host: String
  public let port: Int

  /// Reads the origin of an `http` or `https` address; nil for anything else, or where a user name hides the host.
  public init?(_ url: String) {
    guard let mark = url.firstRange(of: "://") else { return nil }
    scheme = url[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else { return nil }
    let usual = scheme == "https" ? 443 : 80
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = authority[...close].lowercased()
      let rest = authority[authority.index(after: close)...]
      guard let port = Self.port(rest, usual: usual) else { return nil }
      self.port = port
    } else {
      let name = authority.prefix { $0 != ":" }
      guard !name.isEmpty, let port = Self.port(authority[name.endIndex...], usual: usual) else { return nil }
      host = name.lowercased()
      self.port = port
    }
  }

  private static func port(_ text: Substring, usual: Int) -> Int? {
    guard !text.isEmpty else { return usual }
    guard text.first == ":" else { return nil }
    guard text.count > 1 else { return usual }
    return Int(text.dropFirst()).flatMap { (1...65535).contains($0) ? $0 : nil }
  }

  /// True where the address is this machine.
  public var isLoopback: Bool { host.hasSuffix(".localhost") || Self.isLoopback(host: host) }

  /// True where a server that listens at a host, IPv6 in brackets, is reached from this machine alone.
  ///
  /// Names below `localhost` are not among them: what they stand for when a server binds them is the system's choice.
  public static func isLoopback(host: String) -> Bool {
    let isAddress = host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
    return host == "localhost" || host == "[::1]" || (host.hasPrefix("127.") && isAddress)
  }

  public var description: String {
    let usual = (scheme == "https" && port == 443) || (scheme == "http" && port == 80)
    return "\(scheme)://\(host)\(usual ? "" : ":\(port)")"
  }
}
