import Fixtures
import Foundation
import Testing

/// What the commands print for other programs is what the repository documents.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct SchemaTests {
  @Test func theProbeIsValid() throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["probe", "--json"])
    #expect(outcome.exitCode == 0)
    #expect(try Schemas.named("machine").violations(in: outcome.output) == [])
  }

  /// A plan carries its machine, so its schema carries the machine's, word for word.
  @Test func thePlansMachineIsTheMachine() throws {
    func document(_ name: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(Schemas.text(name).utf8)) as? [String: Any])
    }
    let machine = try document("machine")
    let definitions = try #require(try document("plan")["$defs"] as? [String: Any])
    let own = try #require(definitions["machine"] as? [String: Any])
    let body = machine.filter { !["$schema", "$id", "title", "$defs"].contains($0.key) }
    #expect(NSDictionary(dictionary: own) == NSDictionary(dictionary: body))
    for (name, shared) in try #require(machine["$defs"] as? [String: Any]) {
      #expect(definitions[name] as? NSObject == shared as? NSObject, "\(name)")
    }
  }

  @Test(.enabled(if: InstalledDemo.isThere, "the demo's models are not installed: scripts/test-engine"))
  func aPlanIsValid() throws {
    let program = try Program()
    defer { program.remove() }
    for machine in [[], ["--on", "rtx-4090, 64 GiB"], ["--on", "cpu, 1 GiB"]] {
      let outcome = try program.run(["plan", InstalledDemo.smolLM2, "--json"] + machine)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(try Schemas.named("plan").violations(in: outcome.output) == [])
    }
  }

  /// Servers on NUMA nodes, and experts on the CPU: keys that a plan for one small machine does not have.
  @Test(
    .enabled(if: SharedModels.folder != nil, "the reference data is absent"),
    arguments: [
      ("qwen3-8b.gguf", "2x epyc-9654, 512 GiB", "\"replicas\""),
      ("mixtral-8x7b.gguf", "rtx-4090, 128 GiB", "\"expertOffload\""),
    ])
  func aPlanOfALargeMachineIsValid(model: String, machine: String, key: String) throws {
    let program = try Program()
    defer { program.remove() }
    let path = try #require(SharedModels.folder) + "/" + model
    let words = ["plan", path, "--quantizations", "as-is", "--json", "--on", machine, "--workload", "chat"]
    let outcome = try program.run(words)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try Schemas.named("plan").violations(in: outcome.output) == [])
    #expect(outcome.output.contains(key))
  }

  @Test(.enabled(if: SharedModels.folder != nil, "the reference data is absent"))
  func theChoiceSaysThreadsAndBinding() throws {
    let program = try Program()
    defer { program.remove() }
    let path = try #require(SharedModels.folder) + "/qwen3-8b.gguf"
    let outcome = try program.run(["choose", path, "--on", "2x epyc-9654, 512 GiB"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("bound to node 0"))
    #expect(outcome.output.contains("Started with numactl --cpunodebind=0 --membind=0"))
    #expect(outcome.output.contains("for prompts"))
    let refused = try program.run(["choose", path, "--on", "1x rtx-4090, 64 GiB", "--engine", "vllm"])
    #expect(refused.exitCode == 3)
    #expect(refused.errors.contains("unsupported-format"))
  }

  @Test(.enabled(if: SharedModels.folder != nil, "the reference data is absent"))
  func serversOfSeveralNodesAreAllPrinted() throws {
    let program = try Program()
    defer { program.remove() }
    let path = try #require(SharedModels.folder) + "/qwen3-8b.gguf"
    let line = ["deploy", path, "--on", "2x epyc-9654, 512 GiB", "--print", "--concurrency", "8"]
    let two = try program.run(line)
    #expect(two.output.contains("--membind=0") && two.output.contains("--membind=1"), "\(two.errors)")
    let one = try program.run(line + ["--replicas", "1"])
    #expect(one.output.contains("numactl") && !one.output.contains("--membind=1"), "\(one.errors)")
  }

  @Test(arguments: [["--on", "rtx-4090, 64 GiB"], ["--on", "apple-m2-16gb", "--for", "embedding", "--limit", "3"]])
  func aRecommendationIsValid(_ words: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["recommend", "--json"] + words)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try Schemas.named("recommendation").violations(in: outcome.output) == [])
  }

  /// A plan that changed its cache, and one on a machine with a card left out.
  @Test(arguments: [
    ["qwen3-14b", "--on", "rtx-4060, 16 GiB", "--context", "16384"],
    ["qwen3-8b", "--on", "2x rtx-4090, 64 GiB", "--exclude", "gpu0", "--headroom", "2GiB", "--for", "code"],
  ])
  func aPlanWithConcessionsIsValid(_ words: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["plan", "--json"] + words)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try Schemas.named("plan").violations(in: outcome.output) == [])
  }

  @Test func aSizingIsValid() throws {
    let program = try Program()
    defer { program.remove() }
    for arguments in [["70b"], ["qwen3-235b", "--on", "rtx-4090, 256 GiB", "--users", "3", "--ttft", "20"]] {
      let outcome = try program.run(["size", "--json", "--electricity", "0.25", "--break-even", "2"] + arguments)
      #expect(try Schemas.named("sizing").violations(in: outcome.output) == [])
    }
  }
}
