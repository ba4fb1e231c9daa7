import Fixtures
import Foundation
import Synchronization
import Testing
import Units

@testable import Hub

@Suite(.enabled(if: HubServer.python != nil, "python3 is not installed"))
struct PullerTests {
  private static let weights = testBytes(3_000_000, seed: 7)
  private static let files: [String: [UInt8]] = [
    "m-Q4_0.gguf": weights, "config.json": Array("{}".utf8), "empty.txt": [], "sub/dir/tokenizer.json": testBytes(5000),
  ]

  private func puller(_ client: HubClient) -> Puller {
    var options = PullOptions()
    options.blockBytes = 400_000
    options.stallSeconds = 1
    var quick = client
    quick.retries.firstPause = 0.01
    return Puller(client: quick, options: options)
  }

  @discardableResult
  private func pullAll(_ server: HubServer, token: String? = nil) async throws -> PullResult {
    let client = server.client(token: token)
    let repository = try await client.repository("org/m")
    let commit = try #require(repository.commit)
    let files = try await client.files("org/m", commit: commit)
    return try await puller(client).pull(files, of: "org/m", revision: "main", commit: commit)
  }

  private func expectComplete(_ server: HubServer, _ result: PullResult) throws {
    for (path, bytes) in Self.files {
      let place = "\(result.snapshot)/\(path)"
      #expect(try Data(contentsOf: URL(fileURLWithPath: place)) == Data(bytes))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place).hasPrefix("../../"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(server.cache)/models--org--m/blobs")
    #expect(left.allSatisfy { HubName.isEtag($0) }, "nothing but verified blobs is left: \(left)")
    #expect(HubCache(root: server.cache).commit("org/m", revision: "main") == result.commit)
  }

  @Test func aRefusedPullLeavesNothingToResume() async throws {
    // An empty file is known without asking.
    let files = Self.files.filter { !$0.value.isEmpty }
    let server = try HubServer(["org/m": files.merging([".gated": []]) { $1 }])
    await #expect(throws: HubError.self) { try await pullAll(server) }
    let blobs = "\(server.cache)/models--org--m/blobs"
    let left = try FileManager.default.contentsOfDirectory(atPath: blobs)
    #expect(left.isEmpty, "left: \(left)")
    #expect(HubCache(root: server.cache).models().isEmpty)
  }

  @Test func laysTheCacheOutAsTheOfficialClient() async throws {
    let server = try HubServer(["org/m": Self.files])
    let result = try await pullAll(server, token: "hf_good")
    try expectComplete(server, result)
    #expect(result.bytesFetched.bytes >= 3_005_002)
    #expect(try await server.requests().filter { $0.port == "cdn" }.allSatisfy { !$0.token })
    // The second time, two requests tell that everything is there.
    let before = try await server.requests().count
    #expect(try await pullAll(server).bytesFound.bytes == 3_005_002)
    #expect(try await server.requests().count == before + 2)
  }

  /// A cache without locks or blobs, as a copy by `cp -rL` or a read-only mount has it.
  @Test func takesASnapshotOfPlainFilesAsItIs() async throws {
    let server = try HubServer(["org/m": Self.files])
    let client = server.client()
    let commit = try #require(try await client.repository("org/m").commit)
    let files = try await client.files("org/m", commit: commit)
    let folder = HubCache(root: server.cache).snapshot("org/m", commit: commit)
    for (path, bytes) in Self.files {
      let place = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: place)
    }
    let result = try await puller(client).pull(files, of: "org/m", revision: "main", commit: commit)
    #expect(result.bytesFetched == .zero)
    #expect(!FileManager.default.fileExists(atPath: "\(server.cache)/.locks"))
    // One that is cut short is fetched alone, and the others stay plain files.
    try Data([0]).write(to: URL(fileURLWithPath: "\(folder)/m-Q4_0.gguf"))
    let again = try await puller(client).pull(files, of: "org/m", revision: "main", commit: commit)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/m-Q4_0.gguf")) == Data(Self.weights))
    #expect(again.bytesFetched.bytes < 3_003_000)
  }

  /// Every number can stand in a damaged state, also two whose sum is no number.
  @Test(arguments: [UInt64.max, UInt64(Int.max), 1 << 62, 400_001])
  func aDamagedStateIsForgotten(count: UInt64) throws {
    let blob = NSTemporaryDirectory() + "plimsoll-state-\(UUID().uuidString)"
    defer { for end in ["incomplete", "state"] { unlink("\(blob).plimsoll.\(end)") } }
    do {
      let partial = try PartialFile(blob: blob, size: 1_000_000, blockSize: 400_000)
      _ = testBytes(1000).withUnsafeBytes { partial.append($0, to: 1) }
      #expect(partial.bytesDone == 1000)
    }
    let state = URL(fileURLWithPath: blob + ".plimsoll.state")
    var words = try Data(contentsOf: state)
    for block in 0..<2 {
      withUnsafeBytes(of: count) { words.replaceSubrange(32 + block * 8..<40 + block * 8, with: $0) }
    }
    try words.write(to: state)
    #expect(try PartialFile(blob: blob, size: 1_000_000, blockSize: 400_000).bytesDone == 0)
  }

  /// Each fault is survived without help, and what ends in the cache is right.
  @Test(arguments: [
    #"[{"port": "cdn", "cut": 100000, "times": 4}]"#,
    #"[{"port": "cdn", "stall": 3, "after": 50000, "times": 1}]"#,
    #"[{"port": "cdn", "noRanges": true, "times": 99}]"#,
    #"[{"port": "cdn", "noRanges": true, "times": 1}]"#,
    #"[{"port": "cdn", "status": 503, "times": 3}]"#,
    #"[{"path": "resolve", "status": 429, "times": 2, "headers": {"Retry-After": "0"}}]"#,
    #"[{"port": "cdn", "wrongRange": true, "times": 2}]"#,
    #"[{"port": "cdn", "length": 10, "times": 2}]"#,
    #"[{"port": "cdn", "length": 99999999, "times": 2}]"#,
    #"[{"port": "cdn", "etag": "other", "times": 1}]"#,
    #"[{"port": "cdn", "garble": true, "times": 1}]"#,
    #"[{"port": "cdn", "status": 403, "times": 1}]"#,
    #"[{"path": "resolve", "etag": "0123", "times": 1}]"#,
  ])
  func survives(faults: String) async throws {
    let server = try HubServer(["org/m": Self.files])
    try await server.fail(faults)
    try expectComplete(server, try await pullAll(server))
  }

  /// A download that takes hours meets more expired addresses than a circle of redirects has steps.
  @Test func outlivesAnyNumberOfExpiredAddresses() async throws {
    let server = try HubServer(["org/m": ["m-Q4_0.gguf": Self.weights]])
    try await server.fail(#"[{"port": "cdn", "uses": 1, "times": 9999}]"#)
    let client = server.client()
    let commit = try #require(try await client.repository("org/m").commit)
    var options = PullOptions()
    (options.blockBytes, options.connectionsPerFile) = (65_536, 2)
    var quick = client
    quick.retries.firstPause = 0.01
    let result = try await Puller(client: quick, options: options).pull(
      try await client.files("org/m", commit: commit), of: "org/m", revision: "main", commit: commit)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(result.snapshot)/m-Q4_0.gguf")) == Data(Self.weights))
    let refused = try await server.requests().filter { $0.port == "cdn" && $0.sent == 0 }
    #expect(refused.count > 20)
  }

  /// A server without ranges begins anew after a cut, and then lies about bytes that were hashed the first time.
  @Test func whatIsWrittenAgainIsHashedAgain() async throws {
    let bytes = testBytes(12_000_000, seed: 3)
    let server = try HubServer(["org/m": ["m-Q4_0.gguf": bytes]])
    try await server.fail(
      #"[{"port": "cdn", "noRanges": true, "cut": 10000000, "times": 1}, "#
        + #"{"port": "cdn", "noRanges": true, "garbleHead": 1000000, "times": 1}, "#
        + #"{"port": "cdn", "noRanges": true, "times": 99}]"#)
    let result = try await pullAll(server)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(result.snapshot)/m-Q4_0.gguf")) == Data(bytes))
  }

  /// What cannot be cured is said, and nothing unverified is visible.
  @Test(arguments: [
    (#"[{"port": "cdn", "garble": true, "times": 999}]"#, "hash-mismatch" as ReasonCode),
    (#"[{"port": "cdn", "status": 500, "times": 999}]"#, "hub-failed"),
    (#"[{"path": "resolve", "etag": "0123", "times": 999}]"#, "file-changed"),
    (#"[{"port": "cdn", "cut": 0, "times": 999}]"#, "hub-unreachable"),
    (#"[{"path": "Q4_0", "status": 302, "headers": {"Location": "file:///etc"}, "times": 999}]"#, "hub-protocol"),
    (#"[{"path": "Q4_0", "status": 302, "headers": {"Location": "?Q4_0"}, "times": 999}]"#, "hub-protocol"),
    (#"[{"port": "cdn", "uses": 0, "times": 999}]"#, "hub-failed"),
  ])
  func givesUp(faults: String, code: ReasonCode) async throws {
    let server = try HubServer(["org/m": ["m-Q4_0.gguf": Self.weights]])
    try await server.fail(faults)
    do {
      try await pullAll(server)
      Issue.record("the pull should have failed")
    } catch let error as HubError {
      #expect(error.reason.code == code)
    }
    #expect(!FileManager.default.fileExists(atPath: "\(server.cache)/models--org--m/refs/main"))
    let snapshots = try FileManager.default.contentsOfDirectory(atPath: "\(server.cache)/models--org--m/snapshots")
    #expect(snapshots.isEmpty)
  }

  /// A blob that something cut short since is no file that is there.
  @Test func fetchesACutBlobAnew() async throws {
    let server = try HubServer(["org/m": Self.files])
    let first = try await pullAll(server)
    let place = URL(fileURLWithPath: "\(first.snapshot)/m-Q4_0.gguf").resolvingSymlinksInPath().path
    #expect(truncate(place, 1000) == 0)
    let second = try await pullAll(server)
    try expectComplete(server, second)
    #expect(second.bytesFound.bytes == 5_002)
  }

  /// A kill between a blob's name and the removal of its counts leaves them; a link of another target is replaced.
  @Test func cleansUpAfterAKill() async throws {
    let server = try HubServer(["org/m": Self.files])
    let first = try await pullAll(server)
    let weights = try #require(first.files.first { $0.path == "m-Q4_0.gguf" })
    let blob = HubCache(root: server.cache).blob("org/m", etag: weights.etag)
    try Data([1]).write(to: URL(fileURLWithPath: blob + ".plimsoll.state"))
    try FileManager.default.removeItem(atPath: first.path(of: weights))
    try FileManager.default.createSymbolicLink(atPath: first.path(of: weights), withDestinationPath: "../elsewhere")
    try expectComplete(server, try await pullAll(server))
    let names = try FileManager.default.contentsOfDirectory(atPath: first.snapshot)
    #expect(names.sorted() == ["config.json", "empty.txt", "m-Q4_0.gguf", "sub"])
  }

  @Test func countsEqualContentOnce() async throws {
    let server = try HubServer(["org/m": ["a.gguf": Self.weights, "b.gguf": Self.weights]])
    let result = try await pullAll(server)
    #expect(result.bytesFetched.bytes < 3_100_000)
    #expect(try await pullAll(server).bytesFound.bytes == 3_000_000)
    #expect(result.files.contentBytes.bytes == 3_000_000)
  }

  @Test func resumesWhereItWasCancelled() async throws {
    let server = try HubServer(["org/m": Self.files])
    try await server.fail(#"[{"port": "cdn", "rate": 100000, "times": 8}]"#)
    let task = Task { try await pullAll(server) }
    while try await server.requests().filter({ $0.port == "cdn" }).map(\.sent).reduce(0, +) < 600_000 {
      try await Task.sleep(for: .milliseconds(20))
    }
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(!FileManager.default.fileExists(atPath: "\(server.cache)/models--org--m/refs/main"))
    try await server.post("/_reset", "")
    let result = try await pullAll(server)
    try expectComplete(server, result)
    let again = try await server.requests().filter { $0.port == "cdn" }.map(\.sent).reduce(0, +)
    #expect(again <= 3_000_000 - 350_000, "what the first run kept was not fetched again: \(again)")
  }

  @Test func twoAtOnceFetchEachByteOnce() async throws {
    let server = try HubServer(["org/m": Self.files])
    async let first = pullAll(server)
    async let second = pullAll(server)
    try expectComplete(server, try await first)
    try expectComplete(server, try await second)
    #expect(try await server.requests().filter { $0.port == "cdn" }.map(\.sent).reduce(0, +) == 3_000_000)
  }

  @Test func takesOverWhatAnOldClientLeft() async throws {
    let server = try HubServer(["org/m": Self.files])
    let client = server.client()
    let files = try await client.files("org/m", commit: "main")
    let etag = try #require(files.first { $0.path == "m-Q4_0.gguf" }?.etag)
    let blobs = "\(server.cache)/models--org--m/blobs"
    try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: true)
    try Data(Self.weights.prefix(1_000_000)).write(to: URL(fileURLWithPath: "\(blobs)/\(etag).incomplete"))
    try expectComplete(server, try await pullAll(server))
    #expect(try await server.requests().filter { $0.port == "cdn" }.map(\.sent).reduce(0, +) == 2_000_000)
  }

  @Test func reportsProgress() async throws {
    let server = try HubServer(["org/m": Self.files])
    let client = server.client()
    let commit = try #require(try await client.repository("org/m").commit)
    let last = Mutex<PullProgress?>(nil)
    _ = try await puller(client).pull(
      try await client.files("org/m", commit: commit), of: "org/m", revision: "main", commit: commit,
      onProgress: { progress in last.withLock { $0 = progress } })
    #expect(last.withLock { $0?.bytesDone } == ByteCount(3_005_002))
    #expect(last.withLock { $0?.filesDone } == 4)
  }
}
