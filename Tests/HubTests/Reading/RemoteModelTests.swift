import Fixtures
import Models
import Testing
import Units

@testable import Hub

@Suite(.enabled(if: HubServer.python != nil, "python3 is not installed"))
struct RemoteModelTests {
  /// A GGUF of one layer in 16 bits, with weights.
  private static let sixteenBits: [UInt8] = {
    var builder = GGUFBuilder(architecture: "llama")
    for (key, value) in [("block_count", 1), ("embedding_length", 256), ("context_length", 2048)] {
      builder.set("llama.\(key)", .uint32(UInt32(value)))
    }
    builder.set("llama.attention.head_count", .uint32(4))
    builder.add("token_embd.weight", [256, 512], offset: 0)
    builder.add("blk.0.ffn_up.weight", [256, 1024], offset: 262_144)
    return builder.build() + testBytes(262_144 + 524_288)
  }()

  private func server() throws -> HubServer {
    try HubServer([
      "org/m-GGUF": [
        "m-F16.gguf": Self.sixteenBits, "m-Q8_0.gguf": testBytes(400_000), "m-UD-Q4_K_XL.gguf": testBytes(250_000),
        "other-Q8_0.gguf": testBytes(300_000),
      ]
    ])
  }

  @Test func quantizationsComeFromTheListingAndOneHeader() async throws {
    let server = try server()
    let ledger = RequestLedger()
    let remote = try await RemoteModel(
      HubReference(repository: "org/m-GGUF"), client: server.client(ledger: ledger))
    #expect(remote.model.quantization?.value == "F16")
    #expect(
      remote.siblings.map { $0.quantization?.value } == ["Q8_0", "UD-Q4_K_XL"], "the other model is none of them")
    #expect(ledger.totals.requests == 4, "commit, listing, redirect, header")
    let header = Self.sixteenBits.count - 786_432
    for (sibling, bytes) in zip(remote.siblings, [400_000, 250_000]) {
      #expect(sibling.tensors.reduce(ByteCount.zero) { $0 + $1.bytes }.bytes == bytes - header)
      #expect(sibling.files.map(\.bytes.bytes) == [bytes])
    }
  }

  @Test func pathsAreThoseOfTheCache() async throws {
    let server = try server()
    let client = server.client()
    let remote = try await RemoteModel(HubReference(repository: "org/m-GGUF"), client: client)
    let path = try #require(remote.siblings.first?.files.first?.path)
    let variant = try #require(remote.variant(at: path))
    #expect(variant.label == "Q8_0")
    let pulled = try await Puller(client: client).pull(
      variant.files, of: remote.repository, revision: remote.revision, commit: remote.commit)
    #expect(pulled.path(of: variant.files[0]) == path)
    #expect(HubCache(root: server.cache).holds("org/m-GGUF", variant.files[0]))
  }

  @Test(arguments: [
    ("https://huggingface.co/org/m/resolve/main/m-Q8_0.gguf", "org/m:m-Q8_0.gguf"),
    ("https://huggingface.co/org/m/blob/v2/a/b.gguf?download=true", "org/m@v2:a/b.gguf"),
    ("https://huggingface.co/org/m", "org/m"), ("https://huggingface.co/org/m/tree/v2", "org/m@v2"),
    ("https://hf.co/org/m/tree/main/Q4_K_M", "org/m:Q4_K_M"), ("hf.co/org/m/blob/main/a%20b.gguf", "org/m:a b.gguf"),
    ("https://huggingface.co/org/m/raw/refs%2Fpr%2F1/config.json", "org/m@refs/pr/1:config.json"),
  ])
  func addressesOfTheHubAreReferences(address: String, expected: String) {
    let endpoint = HubEndpoint(environment: ["HOME": "/nowhere"])
    #expect(HubReference(address: address, endpoint: endpoint)?.description == expected)
  }

  @Test(arguments: [
    ("hf.co/org/m:Q4_K_M", "org/m:Q4_K_M"), ("huggingface.co/org/m", "org/m"),
    ("hf:org/m@v2:a.gguf", "org/m@v2:a.gguf"),
    ("https://hf.co/org/m/resolve/v2/a.gguf?download=true", "org/m@v2:a.gguf"), ("hf.co/org/m/tree/v2", "org/m@v2"),
  ])
  func namesOnTheHubAreReferences(text: String, expected: String) throws {
    #expect(try HubReference(parsing: text).description == expected)
  }

  @Test(arguments: [
    "https://example.org/org/m", "https://huggingface.co/org/m/resolve/main/../x", "https://hf.co/a%2f/b",
  ])
  func otherAddressesAreNone(address: String) {
    let endpoint = HubEndpoint(environment: ["HOME": "/nowhere"])
    #expect(HubReference(address: address, endpoint: endpoint) == nil)
  }
}
