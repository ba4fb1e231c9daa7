import Fixtures
import Foundation
import Testing
import Units

@testable import Hub

@Suite struct HubCacheTests {
  private let root = NSTemporaryDirectory() + "plimsoll-cache-\(UUID().uuidString)"
  private let first = String(repeating: "1", count: 40)
  private let second = String(repeating: "2", count: 40)
  /// git's name of "hello\n", and the SHA-256 of "abc".
  private let hello = HubFile(path: "a.txt", bytes: ByteCount(6), etag: "ce013625030ba8dba906f756967f9e9ca394464a")
  private let abc = HubFile(
    path: "sub/m.gguf", bytes: ByteCount(3), etag: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")

  /// Two commits that share a file.
  private func filled() throws -> HubCache {
    let cache = HubCache(root: root)
    try cache.prepare("org/m")
    try Data("hello\n".utf8).write(to: URL(fileURLWithPath: cache.blob("org/m", etag: hello.etag)))
    try Data("abc".utf8).write(to: URL(fileURLWithPath: cache.blob("org/m", etag: abc.etag)))
    for file in [hello, abc] { try cache.link("org/m", commit: first, file: file) }
    try cache.link("org/m", commit: second, file: hello)
    try cache.writeReference("org/m", revision: "main", commit: second)
    try cache.writeReference("org/m", revision: "refs/pr/1", commit: first)
    return cache
  }

  @Test func listsWhatIsThere() throws {
    let cache = try filled()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let model = try #require(cache.models().first)
    #expect(model.name == "org/m")
    #expect(model.bytes == ByteCount(9))
    #expect(model.references == ["main": second, "refs/pr/1": first])
    #expect(model.snapshots.map(\.commit) == [first, second])
    #expect(model.snapshots[0].files.map(\.path) == ["a.txt", "sub/m.gguf"])
    #expect(try cache.locate(HubReference(repository: "org/m", revision: first))?.files.map(\.path) == ["sub/m.gguf"])
    #expect(try cache.locate(HubReference(repository: "org/none")) == nil)
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: "\(cache.snapshot("org/m", commit: first))/sub/m.gguf")
    #expect(link == "../../../blobs/\(abc.etag)")
  }

  @Test func tellsIntactFromCorruptMissingAndUnknown() async throws {
    let cache = try filled()
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try await cache.verify("org/m").allSatisfy { $0.verdict == .intact })
    try Data("abd".utf8).write(to: URL(fileURLWithPath: cache.blob("org/m", etag: abc.etag)))
    try FileManager.default.removeItem(atPath: cache.blob("org/m", etag: hello.etag))
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(cache.snapshot("org/m", commit: second))/plain.txt"))
    let found = try await cache.verify("org/m")
    #expect(found.map(\.verdict) == [.missing, .corrupt, .missing, .unknown])
    await #expect(throws: HubError.notCached(name: "org/none")) { try await cache.verify("org/none") }
  }

  @Test func aCorruptBlobIsDiscardedAlone() async throws {
    let cache = try filled()
    defer { try? FileManager.default.removeItem(atPath: root) }
    try Data("abd".utf8).write(to: URL(fileURLWithPath: cache.blob("org/m", etag: abc.etag)))
    let discarded = try cache.discardCorrupt(try await cache.verify("org/m"), of: "org/m")
    #expect(discarded == ["sub/m.gguf"])
    #expect(!cache.holds("org/m", abc))
    #expect(cache.holds("org/m", hello))
  }

  @Test func removesACommitWithoutWhatOthersUse() throws {
    let cache = try filled()
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try cache.remove("org/m", commit: first) == ByteCount(3))
    #expect(FileManager.default.fileExists(atPath: cache.blob("org/m", etag: hello.etag)))
    #expect(!FileManager.default.fileExists(atPath: cache.blob("org/m", etag: abc.etag)))
    #expect(cache.commit("org/m", revision: "refs/pr/1") == nil)
    #expect(try cache.remove("org/m") == ByteCount(6))
    #expect(cache.models().isEmpty)
  }

  /// Lays plain files into a snapshot.
  private func snapshot(_ files: [String: [UInt8]]) throws -> HubCache {
    let cache = HubCache(root: root)
    try cache.prepare("org/m")
    for (path, bytes) in files {
      let place = "\(cache.snapshot("org/m", commit: first))/\(path)"
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: place).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: place))
    }
    return cache
  }

  @Test func aSetWithAPartMissingIsNotThere() throws {
    let map = #"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#
    let cache = try snapshot([
      "model.safetensors.index.json": Array(map.utf8), "model-00001-of-00002.safetensors": [1], "config.json": [],
    ])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let missing = HubError.missingParts(
      name: "org/m:safetensors", missing: ["model-00002-of-00002.safetensors"])
    let reference = HubReference(repository: "org/m", revision: first)
    #expect(throws: missing) { try cache.locate(reference) }
    try Data([2]).write(
      to: URL(fileURLWithPath: "\(cache.snapshot("org/m", commit: first))/model-00002-of-00002.safetensors"))
    #expect(try cache.locate(reference)?.files.count == 4)
  }

  @Test func aHeaderThatCountsMorePartsIsBelieved() throws {
    var builder = GGUFBuilder(architecture: "llama")
    builder.set("split.count", .uint32(3))
    let cache = try snapshot(["m-Q8_0-00001-of-00003.gguf": builder.build(), "n-Q4_0.gguf": builder.build()])
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(throws: HubError.self) {
      try cache.locate(HubReference(repository: "org/m", revision: first, selection: "Q8_0"))
    }
    for selection in ["Q4_0", "n-Q4_0.gguf", "m-Q8_0-00001-of-00003.gguf"] {
      let reference = HubReference(repository: "org/m", revision: first, selection: selection)
      let error = #expect(throws: HubError.self) { try cache.locate(reference) }
      #expect(error?.reason.code == "missing-parts")
    }
  }

  @Test func leavesWhatAnotherProcessFetches() throws {
    let cache = try filled()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let etag = String(repeating: "a", count: 64)
    try Data("part".utf8).write(to: URL(fileURLWithPath: cache.blob("org/m", etag: etag) + ".plimsoll.incomplete"))
    let lock = try FileLock(cache.lock("org/m", etag: etag))
    #expect(lock != nil)
    #expect(try FileLock(cache.lock("org/m", etag: etag)) == nil)
    #expect(throws: HubError.self) { try cache.remove("org/m") }
    withExtendedLifetime(lock) {}
  }
}
