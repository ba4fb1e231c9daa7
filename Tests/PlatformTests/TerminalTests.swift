import Testing

@testable import Platform

/// What reaches a terminal.
@Suite struct TerminalTests {
  @Test func foreignSequencesAreBlanked() {
    #expect(Terminal.shown("a\u{1B}]0;title\u{7}b\nc") == "a ]0;title b\nc")
  }

  @Test func ownStylesPassWhereTheyAreOnAndNothingElse() {
    TextStyle.$isOn.withValue(true) {
      let text = TextStyle.good("fits") + "\u{1B}[2J\u{1B}[31;5mx"
      #expect(Terminal.shown(text) == "\u{1B}[32mfits\u{1B}[0m [2J [31;5mx")
    }
    #expect(Terminal.shown("\u{1B}[32mfits\u{1B}[0m") == " [32mfits [0m")
  }

  @Test func styleIsOffUnlessTurnedOn() {
    #expect(TextStyle.good("fits") == "fits")
  }
}
