import Planning
import Reporting
import Testing
import Units

@testable import Workflows

/// Which model a specialist would name first for a use on a machine.
struct UseDecision: Sendable, CustomTestStringConvertible {
  var machine: String
  var use: Use
  /// Names that a specialist would accept as the first.
  var models: [String]
  var why: String

  init(_ machine: String, _ use: Use, _ models: [String], _ why: String) {
    (self.machine, self.use, self.models, self.why) = (machine, use, models, why)
  }

  var testDescription: String { "\(use.rawValue) on \(machine)" }
}

let useDecisions: [UseDecision] = [
  UseDecision(
    "apple-m1-8gb", .chat, ["qwen3.5-4b", "gemma-4-e4b-it", "gemma-4-e2b-it", "qwen3-4b-instruct-2507"], "4B class"),
  UseDecision(
    "apple-m2-16gb", .chat, ["qwen3.5-9b", "gemma-4-12b-it", "gpt-oss-20b"], "9B to 12B, or a small mixture"),
  UseDecision(
    "apple-m4-max-40core-128gb", .reasoning,
    ["gpt-oss-120b", "qwen3.5-122b-a10b", "qwen3.6-35b-a3b", "minimax-m2.5", "qwen3.6-27b"],
    "mixtures of 100B are fast there"),
  UseDecision(
    "rtx-3060-12gb, 32 GiB", .chat, ["qwen3.6-35b-a3b", "gemma-4-26b-a4b-it", "qwen3.5-9b", "gpt-oss-20b"],
    "a mixture with experts beside the card, or 9B whole"),
  UseDecision(
    "rtx-4090, 64 GiB", .chat, ["qwen3.6-27b", "qwen3.6-35b-a3b", "gemma-4-31b-it", "gemma-4-26b-a4b-it"], "about 30B"),
  UseDecision("rtx-4090, 64 GiB", .code, ["qwen3.6-35b-a3b", "qwen3.6-27b"], "the newest of 30B for code"),
  UseDecision(
    "rtx-4090, 64 GiB", .vision,
    ["qwen3.6-27b", "qwen3.6-35b-a3b", "gemma-4-31b-it", "gemma-4-26b-a4b-it", "qwen3.5-27b"], "vision models of 30B"),
  UseDecision("rtx-4090, 64 GiB", .embedding, ["qwen3-embedding-8b", "qwen3-embedding-4b"], "first on MTEB"),
  UseDecision(
    "rtx-4090, 64 GiB", .rag, ["qwen3.6-35b-a3b", "qwen3.6-27b", "gemma-4-26b-a4b-it", "gemma-4-31b-it"], "as chat"),
  UseDecision(
    "cpu 8 cores, 16 GiB, 51 GB/s", .chat,
    ["qwen3.5-4b", "gemma-4-e2b-it", "gemma-4-e4b-it", "qwen3-4b-instruct-2507"],
    "4B at 4 to 5 bits"),
  UseDecision(
    "ryzen-ai-max-395-128gb", .reasoning,
    ["gpt-oss-120b", "qwen3.6-35b-a3b", "qwen3.5-122b-a10b", "minimax-m2.5"], "mixtures with few active weights"),
  UseDecision(
    "jetson-orin-nano-8gb", .chat, ["qwen3.5-4b", "qwen3.5-2b", "gemma-4-e2b-it", "gemma-4-e4b-it"], "2B to 4B"),
]

/// The first that is recommended, held against what a specialist would name.
@Suite struct UseTableTests {
  @Test(arguments: useDecisions) func namesWhatASpecialistWould(_ decision: UseDecision) throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine(decision.machine)
    var recommender = Recommender(for: machine, use: decision.use, in: fixture.workspace)
    recommender.limit = 2
    let document = try recommender.recommended()
    let first = try #require(document.models.first)
    #expect(decision.models.contains(first.name), "\(first.name) \(first.quantization)")
    // None below the least while something is above it; what loses much comes after what does not.
    #expect(first.missingTokensPerSecond == nil)
    #expect(document.models.map(\.standing) == document.models.map(\.standing).sorted())
    #expect(first.score >= document.models[document.models.count - 1].score || first.standing < .lossy)
  }
}
