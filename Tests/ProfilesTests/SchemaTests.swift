import Fixtures
import Foundation
import Hardware
import Profiles
import Testing

@Suite struct SchemaTests {
  @Test func everyCatalogueEntryIsValidByTheDocumentedSchema() throws {
    let schema = try Schemas.named("machine")
    for (_, machine) in Shipped.profiles.machines().machines {
      let text = String(decoding: try JSONEncoder().encode(machine), as: UTF8.self)
      #expect(try schema.violations(in: text) == [], "\(machine.name)")
    }
  }

  @Test func theCheckItselfFindsWhatIsWrong() throws {
    let schema = try Schemas.named("machine")
    #expect(try schema.violations(in: "{}").contains("$.schema: missing"))
    let text =
      #"{"schema":"plimsoll.machine/1","name":3,"cpu":{"cores":{"value":true,"source":{"kind":"guess","detail":""}}},"numaNodes":[],"memory":{},"accelerators":[],"links":[],"unknowns":[],"warnings":[]}"#
    #expect(try schema.violations(in: text).count == 3)
  }
}
