import Testing

@testable import Units

/// Text from outside shows itself and nothing else.
@Suite struct PrintableTests {
  @Test(arguments: [
    "\u{1B}[31mred", "a\u{202E}b", "a\u{2066}b", "a\u{200F}b", "a\u{9B}b", "a\r\nb", "a\u{2028}b", "a\u{FEFF}b",
    "a\u{7}b",
    "a\u{E0041}b",
  ])
  func whatSteersIsBlanked(_ text: String) {
    #expect(printable(text).unicodeScalars.allSatisfy { !$0.isSteering })
    #expect(printable(text).unicodeScalars.count == text.unicodeScalars.count)
  }

  @Test(arguments: ["plain", "Größe", "模型", "модель", "नमस्ते", "👩‍💻", "a\u{200C}b", "soft\u{AD}hyphen"])
  func whatShowsItselfStays(_ text: String) {
    #expect(printable(text) == text)
  }

  @Test func linesKeepTheirEnds() {
    #expect(printableLines("a\n\tb\u{1B}c\r") == "a\n\tb c ")
  }
}

@Suite struct ProgramVersionTests {
  @Test(arguments: [("Nov 28 2026", "2026-11-28"), ("Jan  3 2027", "2027-01-03")])
  func theCompilersDayIsWrittenAsIso(_ day: String, _ expected: String) {
    #expect(ProgramVersion.day(day) == expected)
  }

  @Test(arguments: ["", "Foo 1 2026", "Nov 99 2026", "Nov 1", "??? ?? ????"])
  func whatIsNoDayIsNone(_ text: String) {
    #expect(ProgramVersion.day(text) == nil)
  }

  @Test func aBuildSaysWhatItIs() {
    let version = ProgramVersion(version: "1.2.3", commit: "0123456789abcdef", date: "2026-11-28")
    #expect("\(version)" == "1.2.3 (commit 0123456, built 2026-11-28)")
    #expect("\(ProgramVersion(version: "1.2.3"))" == "1.2.3")
    #expect(ProgramVersion.current.commit.map { $0.count == 40 && $0.allSatisfy(\.isHexDigit) } ?? true)
  }
}
