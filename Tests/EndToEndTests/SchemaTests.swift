import Fixtures
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

  @Test func aSizingIsValid() throws {
    let program = try Program()
    defer { program.remove() }
    for arguments in [["70b"], ["qwen3-235b", "--on", "rtx-4090, 256 GiB", "--users", "3", "--ttft", "20"]] {
      let outcome = try program.run(["size", "--json", "--electricity", "0.25", "--break-even", "2"] + arguments)
      #expect(try Schemas.named("sizing").violations(in: outcome.output) == [])
    }
  }
}
