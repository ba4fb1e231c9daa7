import Fixtures
import Platform
import Synchronization
import Testing
import Units

@testable import Hub

@Suite(.enabled(if: HubServer.python != nil, "python3 is not installed"))
struct HubClientTests {
  private static let small: [String: [UInt8]] = ["config.json": Array("{}".utf8), "m-Q8_0.gguf": testBytes(100)]

  @Test func listsOverPages() async throws {
    let many = Dictionary(uniqueKeysWithValues: (0..<7).map { ("f\($0).json", [UInt8(48)]) })
    let server = try HubServer(["org/m": many], page: 3)
    let client = server.client()
    let repository = try await client.repository("org/m")
    let files = try await client.files("org/m", commit: try #require(repository.commit))
    #expect(files.count == 7)
    #expect(client.ledger.totals.requests == 4)
  }

  @Test func saysWhatIsMissing() async throws {
    let server = try HubServer([
      "org/m": Self.small, "org/gated": Self.small.merging([".gated": []]) { $1 },
      "org/private": Self.small.merging([".private": []]) { $1 },
    ])
    let client = server.client()
    await #expect(throws: HubError.missingRepository(name: "org/none", hasToken: false)) {
      try await client.repository("org/none")
    }
    await #expect(throws: HubError.missingRepository(name: "org/private", hasToken: false)) {
      try await client.repository("org/private")
    }
    await #expect(throws: HubError.missingRevision(name: "org/m", revision: "v9")) {
      try await client.repository("org/m", revision: "v9")
    }
    await #expect(throws: HubError.badToken) { try await server.client(token: "hf_wrong").repository("org/m") }
    await #expect(throws: HubError.gated(name: "org/gated", url: "\(server.hub)/org/gated", hasToken: false)) {
      try await client.open(HubReference(repository: "org/gated", selection: "config.json"))
    }
    #expect(try await server.client(token: "hf_good").repository("org/private").isPrivate)
  }

  @Test func waitsAsLongAsTheServerSays() async throws {
    let server = try HubServer(["org/m": Self.small])
    let waits = Waits()
    var client = server.client()
    client.wait = { await waits.add($0) }
    let said = Mutex<[String]>([])
    client.onPause = { cause, _ in said.withLock { $0.append(cause.reason.code.rawValue) } }
    try await server.fail(
      #"""
      [{"status": 429, "headers": {"RateLimit": "\"api\";r=0;t=7"}}, {"status": 429, "headers": {"Retry-After": "3"}},
       {"status": 503}]
      """#)
    _ = try await client.repository("org/m")
    #expect(await waits.seconds == [8, 4, 2])
    #expect(said.withLock { $0 } == ["rate-limited", "rate-limited", "hub-failed"])
    #expect(client.ledger.totals.retries == 3)
  }

  @Test func saysWhenARateLimitCutsASearchShort() async throws {
    let names = (0..<5).map { "org/model-\($0)" }
    let server = try HubServer(Dictionary(uniqueKeysWithValues: names.map { ($0, Self.small) }), page: 2)
    #expect(try await server.client().search(HubSearch(text: "model")).repositories.map(\.name) == names)
    try await server.fail(#"[{"path": "cursor=4", "status": 429, "headers": {"Retry-After": "500"}, "times": 99}]"#)
    let part = try await server.client().search(HubSearch(text: "model"))
    #expect(part.repositories.count == 4)
    #expect(part.incomplete?.code == "rate-limited")
  }

  @Test func asksForWhatItShowsOfEachResult() async throws {
    let about = #"{"gguf": {"total": 134515008, "architecture": "llama", "context_length": 8192}, "gated": "manual"}"#
    let server = try HubServer(["org/m": Self.small.merging([".meta.json": Array(about.utf8)]) { $1 }])
    let found = try #require(try await server.client().search(HubSearch(text: "m")).repositories.first)
    #expect(found.parameters == 134_515_008)
    #expect(found.architecture == "llama")
    #expect(found.isGated)
    #expect(found.commit != nil && found.downloads != nil && found.lastModified != nil)
    // The stand-in refuses what the Hub refuses.
    let both = HTTPRequest("GET", "\(server.hub)/api/models?full=true&expand=gguf")
    #expect(try await CurlTransport().send(both).status == 400)
  }

  @Test func oneRefusedRepositoryDoesNotHideTheOthers() async throws {
    let server = try HubServer(["org/a": Self.small, "org/b": Self.small, "org/c": Self.small])
    let found = try await server.client().search(HubSearch(text: "")).repositories
    try await server.fail(#"[{"path": "org/b", "status": 404, "times": 99}]"#)
    let one = try await server.client().files(of: found)
    #expect(Set(one.files.keys) == ["org/a", "org/c"])
    #expect(one.refused["org/b"]?.code == "repository-not-found")
    #expect(one.incomplete == nil)
    try await server.fail(#"[{"path": "org/b", "status": 429, "headers": {"Retry-After": "500"}, "times": 99}]"#)
    let part = try await server.client().files(of: found)
    #expect(Set(part.files.keys) == ["org/a"])
    #expect(part.incomplete?.code == "rate-limited")
  }

  @Test(arguments: [
    ("6B", 6e9), ("1.5b", 1.5e9), ("500M", 5e8), ("70000", 7e4), ("1T", 1e12), ("abc", nil), ("", nil), ("B", nil),
    ("-1B", nil), ("1e9", nil), ("1.2.3B", nil),
  ])
  func readsParameterCounts(text: String, value: Double?) {
    #expect(ParameterCount(text)?.value == value)
  }

  @Test func knowsAFileByItsOwnAddress() async throws {
    let server = try HubServer(["org/m": Self.small])
    let client = server.client()
    let listed = try await client.files("org/m", commit: "main")
    for file in listed {
      let found = try await client.file("org/m", revision: "main", path: file.path)
      #expect(found.file == file)
      #expect(HubName.isCommit(found.commit))
    }
    try await server.fail(#"[{"path": "resolve", "etag": "../../x"}]"#)
    await #expect(throws: HubError.self) { try await client.file("org/m", revision: "main", path: "m-Q8_0.gguf") }
    try await server.fail(#"[{"path": "resolve", "noHeader": "X-Repo-Commit"}]"#)
    await #expect(throws: HubError.self) { try await client.file("org/m", revision: "main", path: "m-Q8_0.gguf") }
  }

  @Test func offlineAsksNobody() async throws {
    let endpoint = HubEndpoint(environment: ["HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"])
    await #expect(throws: HubError.self) { try await HubClient(endpoint: endpoint).repository("org/m") }
  }

  @Test func refusesNamesThatLeadOut() async throws {
    for hostile in ["../../x", "/etc/passwd", "a/../../b", "a\\\\b", "a\\u0000b", ".."] {
      let body = #"[{"type":"file","path":"\#(hostile)","size":1,"oid":"\#(String(repeating: "a", count: 40))"}]"#
      let client = HubClient(
        endpoint: HubEndpoint(environment: ["HF_ENDPOINT": "http://hub.test"]),
        transport: FixedTransport(body: Array(body.utf8)))
      await #expect(throws: HubError.self) { try await client.files("org/m", commit: "main") }
    }
  }

  @Test func refusesHashesOfAnotherForm() async throws {
    for etag in ["", "abc", "../../../x", String(repeating: "A", count: 40), String(repeating: "a", count: 41)] {
      let body = #"[{"type":"file","path":"x","size":1,"oid":"\#(etag)"}]"#
      let client = HubClient(
        endpoint: HubEndpoint(environment: ["HF_ENDPOINT": "http://hub.test"]),
        transport: FixedTransport(body: Array(body.utf8)))
      await #expect(throws: HubError.self) { try await client.files("org/m", commit: "main") }
    }
  }

  @Test func tokensComeFromWhereEveryoneKeepsThem() {
    let files = MemoryTree(files: ["/h/.cache/huggingface/token": "hf_file\n", "/other": "hf_other"])
    func token(_ environment: [String: String]) -> String? {
      HubEndpoint(environment: environment.merging(["HOME": "/h"]) { $1 }, files: files).token
    }
    #expect(token([:]) == "hf_file")
    #expect(token(["HF_TOKEN": "hf_variable"]) == "hf_variable")
    #expect(token(["HF_TOKEN_PATH": "/other"]) == "hf_other")
    #expect(token(["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) == nil)
    // `hf auth login` keeps tokens by name, and the active one in `token`.
    func stored(_ text: String, _ environment: [String: String] = [:]) -> String? {
      let tree = MemoryTree(files: [
        "/h/.cache/huggingface/stored_tokens": text, "/keys/stored_tokens": "[x]\nhf_token=hf_x",
      ])
      return HubEndpoint(environment: environment.merging(["HOME": "/h"]) { $1 }, files: tree).token
    }
    #expect(stored("[mine]\nhf_token = hf_one\n\n") == "hf_one")
    #expect(stored("[mine]\r\nhf_token = hf_one\r\n") == "hf_one")
    #expect(stored("[mine]\nhf_token = hf_one\n[theirs]\nhf_token = hf_two\n") == nil)
    #expect(stored("hf_token") == nil && stored("[a]\nhf_token =\n") == nil && stored("") == nil)
    #expect(stored("", ["HF_TOKEN_PATH": "/keys/token"]) == "hf_x")
    #expect(stored("[a]\nhf_token = hf_one", ["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) == nil)
    #expect(stored("[a]\nhf_token = hf_one", ["HF_TOKEN": "hf_variable"]) == "hf_variable")
    #expect(HubEndpoint(environment: ["HOME": "/h"], files: files).cache == "/h/.cache/huggingface/hub")
    #expect(HubEndpoint(environment: ["HF_HUB_CACHE": "/c"], files: files).cache == "/c")
  }
}

/// Answers every request alike.
struct FixedTransport: HTTPTransport {
  var body: [UInt8]

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse { HTTPResponse(status: 200, body: body) }
}

/// The pauses that a client asked for.
actor Waits {
  var seconds: [Double] = []

  func add(_ pause: Double) { seconds.append(pause) }
}
