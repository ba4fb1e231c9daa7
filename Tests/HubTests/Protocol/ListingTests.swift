import Platform
import Synchronization
import Testing
import Units

@testable import Hub

/// Listings as servers other than the Hub, or broken ones, give them.
@Suite struct ListingTests {
  private static let commit = String(repeating: "c", count: 40)
  private static let sha256 = String(repeating: "a", count: 64)
  private static let sha1 = String(repeating: "b", count: 40)

  /// Answers each request by a function of its address, and counts them.
  private final class Scripted: HTTPTransport {
    let answer: @Sendable (HTTPRequest) -> HTTPResponse
    let count = Mutex(0)

    init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { self.answer = answer }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
      count.withLock { $0 += 1 }
      return answer(request)
    }
  }

  private func client(_ transport: Scripted) -> HubClient {
    HubClient(
      endpoint: HubEndpoint(environment: ["HF_ENDPOINT": "https://hub.example", "HOME": "/nowhere"]),
      transport: transport)
  }

  private static func listing(_ entries: [String], next: String? = nil) -> HTTPResponse {
    let headers = next.map { ["link": "<\($0)>; rel=\"next\""] } ?? [:]
    return HTTPResponse(status: 200, headers: headers, body: Array("[\(entries.joined(separator: ","))]".utf8))
  }

  @Test func aListingWithoutEndIsRefusedInBoundedMemory() async throws {
    let names = (0..<20_000).map { #"{"type": "file", "path": "f\#($0)", "size": 1, "oid": "\#(Self.sha1)"}"# }
    let page = Self.listing(names, next: "https://hub.example/api/more")
    let transport = Scripted { _ in page }
    await #expect { try await client(transport).files("org/m", commit: Self.commit) } throws: { error in
      (error as? HubError)?.reason.code == .hubProtocol
    }
    #expect(transport.count.withLock { $0 } <= 4)
  }

  @Test func aSearchThatFindsNothingUsableEnds() async throws {
    let page = Self.listing(["{}"], next: "https://hub.example/api/models?cursor=1")
    let transport = Scripted { _ in page }
    await #expect(throws: HubError.self) { try await client(transport).search(HubSearch(text: "x")) }
    #expect(transport.count.withLock { $0 } <= 201)
  }

  @Test func aHashOfTwoSizesIsRefused() async throws {
    let page = Self.listing(
      [10, 11].map { #"{"type": "file", "path": "f\#($0)", "size": \#($0), "oid": "\#(Self.sha1)"}"# })
    await #expect(throws: HubError.self) {
      try await client(Scripted { _ in page }).files("org/m", commit: Self.commit)
    }
  }

  @Test(arguments: [-1, Int.max, 1 << 60]) func aSizeThatNoFileHasIsRefused(size: Int) async throws {
    let lfs = #"{"oid": "\#(Self.sha256)", "size": \#(size)}"#
    let page = Self.listing([#"{"type": "file", "path": "f", "size": 1, "oid": "\#(Self.sha1)", "lfs": \#(lfs)}"#])
    await #expect(throws: HubError.self) {
      try await client(Scripted { _ in page }).files("org/m", commit: Self.commit)
    }
  }

  /// What a listing says of a large file without its LFS facts is the hash of a pointer.
  @Test func aLargeFileWithoutItsHashIsAskedFor() async throws {
    let page = Self.listing([
      #"{"type": "file", "path": "config.json", "size": 2, "oid": "\#(Self.sha1)"}"#,
      #"{"type": "file", "path": "m.gguf", "size": 5000000000, "oid": "\#(String(repeating: "d", count: 40))"}"#,
    ])
    let transport = Scripted { request in
      guard request.method == "HEAD" else { return page }
      return HTTPResponse(
        status: 200,
        headers: [
          "x-repo-commit": Self.commit, "x-linked-etag": "\"\(Self.sha256)\"", "x-linked-size": "5000000000",
        ])
    }
    let files = try await client(transport).files("org/m", commit: Self.commit)
    #expect(files.map(\.etag) == [Self.sha1, Self.sha256])
    #expect(transport.count.withLock { $0 } == 2)
  }

  /// A git server's listing gives weights the size of their pointer.
  @Test(arguments: [("m.safetensors", 134), ("a/m.GGUF", 4000), ("pytorch_model.bin", 9_000_000)])
  func smallWeightsWithoutTheirHashAreAskedForToo(path: String, size: Int) async throws {
    let page = Self.listing([#"{"type": "file", "path": "\#(path)", "size": \#(size), "oid": "\#(Self.sha1)"}"#])
    let transport = Scripted { request in
      guard request.method == "HEAD" else { return page }
      return HTTPResponse(
        status: 200,
        headers: ["x-repo-commit": Self.commit, "x-linked-etag": "\"\(Self.sha256)\"", "x-linked-size": "5000"])
    }
    let file = try #require(try await client(transport).files("org/m", commit: Self.commit).first)
    #expect(file.etag == Self.sha256 && file.bytes.bytes == 5000)
  }
}
