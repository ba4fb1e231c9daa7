import Foundation
import Testing
import Units

/// Codes are words that other programs read: their spelling is checked, and records of other versions stay readable.
@Suite struct ReasonTests {
  @Test(arguments: ReasonCode.allCases) func codesAreLowerCaseWordsJoinedByHyphens(_ code: ReasonCode) {
    #expect(code.rawValue.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
    #expect("\(code)" == code.rawValue)
  }

  @Test func aReasonIsWrittenAsItsWords() throws {
    let reason = Reason(.tooFewSamples, "8 requests", remedy: "more")
    let text = try JSONEncoder().encode(reason)
    #expect(String(decoding: text, as: UTF8.self).contains(#""code":"too-few-samples""#))
    #expect(try JSONDecoder().decode(Reason.self, from: text) == reason)
  }

  @Test func aCodeOfAnotherVersionIsKept() throws {
    let stored = #"{"code":"solar-flare","message":"m"}"#
    let reason = try JSONDecoder().decode(Reason.self, from: Data(stored.utf8))
    #expect(reason.code == .unrecognized && reason.message == "m" && reason.remedy == nil)
    let again = try JSONDecoder().decode([String: String].self, from: JSONEncoder().encode(reason))
    #expect(again == ["code": "solar-flare", "message": "m"])
    #expect(
      try JSONDecoder().decode([ReasonCode].self, from: Data(#"["fits","solar-flare"]"#.utf8)) == [
        .fits, .unrecognized,
      ])
  }
}
