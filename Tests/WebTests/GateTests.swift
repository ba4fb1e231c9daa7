import Testing

@testable import Web

@Suite struct GateTests {
  private let gate = Gate(WebAddress(host: "127.0.0.1", port: 8765), key: "secret")

  private func request(
    _ method: String = "GET", _ path: [String] = ["api", "v1", "machine"], _ headers: [String: String] = [:],
    query: [String: String] = [:], body: String = ""
  ) -> WebRequest {
    let all = ["host": "127.0.0.1:8765"].merging(headers) { $1 }
    return WebRequest(method, path, query: query, headers: all, body: Array(body.utf8))
  }

  private func status(_ request: WebRequest) -> Int? { gate.refusal(of: request)?.status }

  private let key = ["authorization": "Bearer secret"]

  /// The cookie that a browser gets for the address it was opened with.
  private func cookie() throws -> String {
    let token = try #require(gate.link.split(separator: "=").last.map(String.init))
    let welcome = try #require(gate.refusal(of: request("GET", [], query: ["token": token])))
    #expect(welcome.status == 303)
    return try #require(welcome.headers["Set-Cookie"])
  }

  @Test func nobodyIsLetInWithoutCookieOrKey() throws {
    #expect(status(request()) == 401)
    #expect(status(request("GET", [])) == 401)
    #expect(status(request("GET", ["api", "v1", "openapi.json"])) == 401)
    #expect(status(request("GET", ["api", "v1", "machine"], key)) == nil)
    #expect(status(request("GET", ["api", "v1", "machine"], ["authorization": "Bearer secre"])) == 401)
    #expect(status(request("GET", ["api", "v1", "machine"], ["authorization": "Bearer "])) == 401)
    #expect(status(request("GET", ["api", "v1", "machine"], ["authorization": "Basic secret"])) == 401)
  }

  @Test func theTokenOpensOneBrowserOnce() throws {
    let token = try #require(gate.link.split(separator: "=").last.map(String.init))
    #expect(token.count == 64)
    let other = (token.hasPrefix("0") ? "1" : "0") + token.dropFirst()
    #expect(status(request("GET", [], query: ["token": other])) == 401)
    #expect(status(request("POST", [], ["origin": "http://127.0.0.1:8765"], query: ["token": token])) == 401)
    #expect(try cookie().isEmpty == false)
    #expect(status(request("GET", [], query: ["token": token])) == 401)
    #expect(!gate.link.contains(token))
  }

  @Test func aNewLinkOpensAnotherBrowserAndVoidsTheOneBefore() throws {
    let first = gate.link
    let second = gate.newLink()
    func opened(_ link: String) -> Int? {
      status(request("GET", [], query: ["token": link.split(separator: "=").last.map(String.init) ?? ""]))
    }
    #expect(first != second && opened(first) == 401)
    #expect(opened(second) == 303 && opened(second) == 401)
    #expect(opened(gate.newLink()) == 303)
  }

  @Test func nobodyButTheUserHasANewLink() {
    #expect(status(request("POST", ["api", "v1", "link"], ["origin": "http://127.0.0.1:8765"])) == 401)
    #expect(status(request("POST", ["api", "v1", "link"])) == 403)
    #expect(status(request("POST", ["api", "v1", "link"], key)) == nil)
  }

  @Test func theCookieIsForThisServerAndForNoScript() throws {
    let set = try cookie()
    #expect(set.hasPrefix("plimsoll-8765="))
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(set.contains(word)) }
    let pair = String(set.prefix { $0 != ";" })
    #expect(status(request("GET", ["api", "v1", "machine"], ["cookie": "a=b; \(pair)"])) == nil)
    #expect(status(request("GET", ["api", "v1", "machine"], ["cookie": pair + "0"])) == 401)
    #expect(status(request("GET", ["api", "v1", "machine"], ["cookie": "\(pair); \(pair)"])) == 401)
  }

  @Test(arguments: [
    "evil.example:8765", "127.0.0.1:80", "127.0.0.1", "127.0.0.1.evil.example:8765", "", "x@127.0.0.1:8765",
  ])
  func otherNamesAreNotAnswered(_ host: String) {
    #expect(status(request("GET", ["api", "v1", "machine"], key.merging(["host": host]) { $1 })) == 421)
  }

  @Test func loopbackHasItsNames() {
    for host in ["localhost:8765", "LOCALHOST:8765", "[::1]:8765"] {
      #expect(status(request("GET", ["api", "v1", "machine"], key.merging(["host": host]) { $1 })) == nil)
    }
  }

  @Test func aServerForAllAddressesAnswersToNumbersAndItsOwnName() {
    let open = Gate(WebAddress(host: "0.0.0.0", port: 8765), key: "secret", hostName: "Box")
    func status(_ host: String) -> Int? {
      open.refusal(of: request("GET", ["api"], key.merging(["host": host]) { $1 }))?.status
    }
    for host in ["192.168.1.7:8765", "box:8765", "box.local:8765", "[fe80::1]:8765"] { #expect(status(host) == nil) }
    #expect(status("evil.example:8765") == 421)
    #expect(status("1.2.3.4.evil.example:8765") == 421)
  }

  @Test(arguments: ["http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8765", "null"])
  func requestsOfOtherPagesAreRefused(_ origin: String) throws {
    let cookie = String(try cookie().prefix { $0 != ";" })
    for method in ["GET", "POST", "PATCH", "DELETE"] {
      #expect(status(request(method, ["api"], ["origin": origin, "cookie": cookie])) == 403)
    }
  }

  @Test func aChangeSaysWhereItComesFrom() throws {
    let cookie = ["cookie": String(try cookie().prefix { $0 != ";" })]
    for method in ["POST", "PATCH", "DELETE"] { #expect(status(request(method, ["api"], cookie)) == 403) }
    #expect(status(request("POST", ["api"], cookie.merging(["origin": "http://127.0.0.1:8765"]) { $1 })) == nil)
    #expect(status(request("POST", ["api"], cookie.merging(["sec-fetch-site": "same-origin"]) { $1 })) == nil)
    #expect(status(request("POST", ["api"], cookie.merging(["sec-fetch-site": "none"]) { $1 })) == 403)
    #expect(status(request("POST", ["api"], key)) == nil)
    for site in ["cross-site", "same-site"] {
      #expect(status(request("GET", ["api"], cookie.merging(["sec-fetch-site": site]) { $1 })) == 403)
    }
    let link = ["sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"].merging(cookie) { $1 }
    #expect(status(request("GET", [], link)) == nil)
    #expect(status(request("GET", ["api"], link)) == 403)
  }

  @Test func aBodyIsJSONSoThatNoFormCanSendIt() {
    for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""] {
      let headers = key.merging(["content-type": type]) { $1 }
      #expect(status(request("POST", ["api"], headers, body: "{}")) == 415)
    }
    for type in ["application/json", "Application/JSON; charset=utf-8"] {
      #expect(status(request("POST", ["api"], key.merging(["content-type": type]) { $1 }, body: "{}")) == nil)
    }
  }

  @Test func everyAnswerForbidsOtherPagesAndScripts() {
    let head = String(decoding: WebResponse(200).head(isLast: false), as: UTF8.self)
    for line in [
      "default-src 'none'; script-src 'self'", "frame-ancestors 'none'", "frame-src 'self'", "base-uri 'none'",
      "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cross-Origin-Resource-Policy: same-origin",
      "Cache-Control: no-store", "Cross-Origin-Opener-Policy: same-origin",
    ] { #expect(head.contains(line)) }
    #expect(!head.contains("Access-Control"))
    #expect(!head.contains("unsafe"))
  }

  @Test func secretsAreLongAndNeverTheSame() {
    let secrets = (0..<50).map { _ in Secret.random() }
    #expect(Set(secrets).count == 50)
    #expect(secrets.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
    #expect(!Secret.isSame("", ""))
  }
}
