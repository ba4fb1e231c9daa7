import Fixtures
import Foundation
import Platform
import Records
import Testing
import Units
import Workflows

@testable import Web

/// Adapters and drafts that are planned and deployed with a model.
@Suite struct BesideModelTests {
  private func asked(_ test: (WebAppFixture) async throws -> Void) async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    try FileManager.default.createDirectory(
      atPath: fixture.workspace.folders.models, withIntermediateDirectories: true)
    try await test(fixture)
  }

  /// An adapter for a model of layers as wide as this.
  private func adapter(width: UInt64, in fixture: WebAppFixture) throws -> String {
    let path = "\(fixture.workspace.folders.models)/adapter.gguf"
    var gguf = GGUFBuilder(architecture: "qwen3")
    gguf.set("general.type", .string("adapter"))
    gguf.set("adapter.type", .string("lora"))
    gguf.add("blk.0.attn_q.weight.lora_a", [width, 4])
    gguf.add("blk.0.attn_q.weight.lora_b", [4, 2048])
    try gguf.write(to: path)
    return path
  }

  private func plan(_ members: [String: JSON], _ fixture: WebAppFixture) async throws -> (status: Int, text: String) {
    let usual: [String: JSON] = ["model": "qwen3-0.6b", "machine": "rtx-4090, 64 GiB", "quantizations": "Q8_0"]
    let body = String(decoding: try JSONEncoder().encode(usual.merging(members) { _, own in own }), as: UTF8.self)
    let answer = await fixture.ask("POST", ["plan"], body)
    return (answer.status, answer.text)
  }

  @Test func anAdapterOfAnotherModelIsRefused() async throws {
    try await asked { fixture in
      let answer = try await plan(["lora": [.text(try adapter(width: 512, in: fixture))]], fixture)
      #expect(answer.status == 400 && answer.text.contains("\"foreign-adapter\""), "\(answer.text)")
      let missing = "\(fixture.workspace.folders.models)/none.gguf"
      #expect(try await plan(["lora": [.text(missing)]], fixture).status == 404)
    }
  }

  @Test func aDraftTakesMemoryAndHasToBeHereToBeStarted() async throws {
    try await asked { fixture in
      let alone = try await plan(["model": "qwen3-8b"], fixture)
      let guessed = try await plan(["model": "qwen3-8b", "draft": "qwen3-0.6b"], fixture)
      func bytes(_ text: String) throws -> Int {
        let plan = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        guard case .list(let options)? = plan["options"],
          case .integer(let bytes)? = options.first?["memory"]?["highBytes"]
        else { return 0 }
        return bytes
      }
      #expect(guessed.status == 200, "\(guessed.text.prefix(300))")
      #expect(try bytes(guessed.text) > bytes(alone.text) + 300 << 20)
      let begun = await fixture.ask(
        "POST", ["deployments"], #"{"model": "qwen3-8b", "draft": "qwen3-0.6b"}"#)
      var job = try JSONDecoder().decode(Job.self, from: Data(begun.text.utf8))
      let api = try #require(begun.headers["Location"]?.split(separator: "/").suffix(2).map(String.init))
      while job.state == .running {
        await Task.yield()
        job = try JSONDecoder().decode(Job.self, from: Data(await fixture.ask("GET", api).text.utf8))
      }
      #expect(job.failure?.code == "not-here", "\(job)")
    }
  }
}
