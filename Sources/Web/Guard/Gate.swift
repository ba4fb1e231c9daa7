import Platform
import Synchronization
import Units

/// Decides who is let in: nobody but the one user, from the one page, under the server's own name.
///
/// A browser brings the token of the address that it was opened with, once, and has a cookie from then on. A program
/// brings the key in its Authorization header.
public final class Gate: Sendable {
  private let address: WebAddress
  /// What a program has to bring.
  private let key: String
  /// What the cookie holds.
  private let session = Secret.random()
  /// The token of the address that is opened in a browser; nil once it was used.
  private let token: Mutex<String?>
  private let names: Set<String>

  /// - Parameters:
  ///   - key: the key that programs bring; nil for one made now.
  ///   - hostName: the name of this machine, which a server that listens at all addresses is called by too.
  public init(_ address: WebAddress, key: String? = nil, hostName: String? = nil) {
    self.address = address
    self.key = key ?? Secret.random()
    token = Mutex(Secret.random())
    var names = [address.urlHost.lowercased()]
    if address.isLoopback || address.isEveryAddress { names += ["localhost", "127.0.0.1", "[::1]"] }
    if address.isEveryAddress, let hostName { names += [hostName.lowercased(), "\(hostName.lowercased()).local"] }
    self.names = Set(names)
  }

  /// The address to open in a browser, good for one time.
  public var link: String {
    let host = address.nearURL
    return token.withLock { $0.map { "\(host)/?token=\($0)" } } ?? host
  }

  /// A new address to open in a browser, good for one time; the one before is good no longer.
  func newLink() -> String {
    token.withLock { $0 = Secret.random() }
    return link
  }

  /// The key that a program brings, for the user of this machine to see.
  public var programKey: String { key }

  /// What to answer instead of the request; nil where it is let in.
  func refusal(of request: WebRequest) -> WebResponse? {
    guard isOwnName(request.headers["host"] ?? "") else {
      return .problem(WebFault(421, "this server does not answer to that name"))
    }
    guard isFromHere(request) else {
      return .problem(WebFault(403, "requests of other pages are not answered"))
    }
    if let welcome = welcomed(request) { return welcome }
    guard knows(request) else { return unknown(request) }
    let isJSON = (request.headers["content-type"] ?? "").lowercased().prefix { $0 != ";" } == "application/json"
    guard request.body.isEmpty || isJSON else {
      return .problem(WebFault(415, "a body is application/json"))
    }
    return nil
  }

  // MARK: - Whose page it is

  /// Another domain's name may lead here (DNS rebinding); a page of that domain could then read the answers.
  private func isOwnName(_ text: String) -> Bool {
    guard let origin = WebOrigin("http://\(text)"), origin.port == address.port else { return false }
    if names.contains(origin.host) { return true }
    return address.isEveryAddress && Self.isNumeric(origin.host)
  }

  private static func isNumeric(_ host: String) -> Bool {
    host.hasPrefix("[")
      || (host.split(separator: ".").count == 4 && host.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." })
  }

  /// True for requests of our own pages, of programs, and of somebody who opens the address.
  private func isFromHere(_ request: WebRequest) -> Bool {
    if let origin = request.headers["origin"] {
      guard let theirs = WebOrigin(origin), let own = WebOrigin("http://\(request.headers["host"] ?? "")"),
        theirs == own
      else { return false }
    }
    let isReading = request.method == "GET" || request.method == "HEAD"
    switch request.headers["sec-fetch-site"] {
    case "same-origin": return true
    case "none": return isReading
    case nil:
      // A browser says at least where a change comes from; what says nothing has to bring the key.
      return isReading || request.headers["origin"] != nil || request.headers["authorization"] != nil
    default:
      // A link on another page may lead here, and no more.
      return isReading && request.path.isEmpty && request.headers["sec-fetch-mode"] == "navigate"
    }
  }

  // MARK: - Who asks

  /// True for a request of the one user.
  func knows(_ request: WebRequest) -> Bool { hasCookie(request) || hasKey(request) }

  /// The cookie's name has the port: browsers keep one set of cookies for all ports of a host.
  private var cookieName: String { "plimsoll-\(address.port)" }

  private func hasCookie(_ request: WebRequest) -> Bool {
    request.cookie(cookieName).map { Secret.isSame($0, session) } ?? false
  }

  private func hasKey(_ request: WebRequest) -> Bool {
    guard let words = request.headers["authorization"], words.lowercased().hasPrefix("bearer ") else { return false }
    return Secret.isSame(String(words.dropFirst(7)), key)
  }

  /// Takes the token, once, and gives the cookie for it; nil where none was brought, or it was used.
  private func welcomed(_ request: WebRequest) -> WebResponse? {
    guard request.method == "GET", request.path.isEmpty, let brought = request.query["token"] else { return nil }
    let isRight = token.withLock { token in
      guard let own = token, Secret.isSame(brought, own) else { return false }
      token = nil
      return true
    }
    let home = WebResponse(
      303, headers: ["Location": "/", "Set-Cookie": "\(cookieName)=\(session); HttpOnly; SameSite=Strict; Path=/"])
    if isRight { return home }
    // The same address opened again in the same browser.
    return hasCookie(request) ? WebResponse(303, headers: ["Location": "/"]) : nil
  }

  private func unknown(_ request: WebRequest) -> WebResponse {
    guard request.path.first != "api" else {
      return .problem(
        401,
        Reason(
          .requestRefused, "this server answers one user alone",
          remedy: "open the address that plimsoll serve --link prints, or send the key: Authorization: Bearer KEY"))
    }
    return .text(
      "This page opens by an address that works once, in one browser. For a new one: plimsoll serve --link\n",
      status: 401)
  }
}

/// Texts that nobody guesses.
enum Secret {
  /// 256 bits of the system's randomness.
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let digits = String(UInt64.random(in: 0...UInt64.max, using: &generator), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Compares in a time that tells nothing of where they differ.
  static func isSame(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count, !one.isEmpty else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
