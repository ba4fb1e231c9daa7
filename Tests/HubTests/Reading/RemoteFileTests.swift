import Models
import Testing
import Units

@testable import Hub

@Suite(.enabled(if: HubServer.python != nil, "python3 is not installed"))
struct RemoteFileTests {
  private static let content = testBytes(5 << 20)

  private func server() throws -> HubServer {
    try HubServer(["org/m": ["m-Q4_0.gguf": Self.content, "config.json": Array("{}".utf8)]])
  }

  @Test func aHeaderOfFourMebibytesTakesThreeRequests() async throws {
    let server = try server()
    let ledger = RequestLedger()
    let file = try await server.client(token: "hf_good", ledger: ledger).open(
      HubReference(repository: "org/m", selection: "m-Q4_0.gguf"))
    #expect(file.size == ByteCount(Self.content.count))
    #expect(try await file.read(0..<24) == Array(Self.content[0..<24]))
    #expect(ledger.totals.requests == 2)
    #expect(try await file.read(0..<(4 << 20)) == Array(Self.content[0..<(4 << 20)]))
    #expect(ledger.totals.requests == 3)
    #expect(try await file.read((5 << 20) - 3..<(6 << 20)) == Array(Self.content.suffix(3)))
    #expect(ledger.totals.requests == 3)
    let log = try await server.requests()
    #expect(log.map(\.token) == [true, false, false], "the token goes to the Hub alone")
  }

  @Test func readsAServerWithoutRanges() async throws {
    let server = try server()
    try await server.fail(#"[{"port": "cdn", "noRanges": true, "times": 99}]"#)
    let ledger = RequestLedger()
    let file = try await server.client(ledger: ledger).open(
      HubReference(repository: "org/m", selection: "m-Q4_0.gguf"))
    #expect(try await file.read(0..<(3 << 20)) == Array(Self.content[0..<(3 << 20)]))
    #expect(file.size == ByteCount(Self.content.count))
    #expect(ledger.totals.requests == 3)
  }

  @Test(arguments: [
    #"[{"port": "cdn", "wrongRange": true}]"#,
    #"[{"path": "resolve", "status": 302, "headers": {"Location": "file:///x"}}]"#,
    #"[{"path": "resolve", "status": 302, "headers": {"Location": "/org/m/resolve/main/m-Q4_0.gguf"}, "times": 99}]"#,
  ])
  func refusesServersThatLie(faults: String) async throws {
    let server = try server()
    try await server.fail(faults)
    await #expect(throws: HubError.self) {
      try await server.client().open(HubReference(repository: "org/m", selection: "m-Q4_0.gguf"))
    }
  }

  @Test func noticesAFileThatChanges() async throws {
    let server = try server()
    let file = try await server.client().open(HubReference(repository: "org/m", selection: "m-Q4_0.gguf"))
    try await server.fail(#"[{"port": "cdn", "etag": "other"}]"#)
    await #expect(throws: HubError.changed(file: "hf:org/m/m-Q4_0.gguf")) { _ = try await file.read(0..<(3 << 20)) }
  }

  @Test func readsAFolderAndPlainAddresses() async throws {
    let server = try server()
    let folder = try await RemoteRepository(HubReference(repository: "org/m"), client: server.client())
    #expect(try await folder.files().map(\.path) == ["config.json", "m-Q4_0.gguf"])
    #expect(try await folder.open("config.json").read(0..<100) == Array("{}".utf8))
    let plain = try await server.client().open(address: server.hub + "/org/m/resolve/main/config.json")
    #expect(plain.size == ByteCount(2))
    await #expect(throws: HubError.missingFile(name: "org/m", file: "nothing")) { try await folder.open("nothing") }
  }
}
