import Fixtures
import Testing

@testable import Records

/// `runs show --json` is the run itself: what it prints must be what the repository documents.
@Suite struct RunSchemaTests {
  @Test func aFinishedRunFollowsTheSchema() throws {
    let text = try StoredJSON.text(RunBuilder().archive().run, pretty: true)
    #expect(try Schemas.named("run").violations(in: text) == [])
  }

  @Test func aRunThatHasJustBegunFollowsTheSchema() throws {
    let text = try StoredJSON.text(Run(id: "a-run", startedAt: 1, target: "x"))
    #expect(try Schemas.named("run").violations(in: text) == [])
  }

  @Test func aRunWithoutASummaryDoesNot() throws {
    let violations = try Schemas.named("run").violations(in: "{\"schema\": \"plimsoll.run/2\"}")
    #expect(violations.contains("$.summary: missing"))
    #expect(violations.contains("$.schema: not plimsoll.run/1"))
  }
}
