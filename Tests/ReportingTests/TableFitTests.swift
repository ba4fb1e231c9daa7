import Testing

@testable import Reporting

@Suite struct TableFitTests {
  private var table: TextTable {
    var table = TextTable(["name", ">bits", ">state", "", "verdict"], optional: ["state", "bits"])
    table.add([
      "Q4_K_M", "4.85", "1.00 GiB", "", "does-not-fit because the device has too little memory for its weights",
    ])
    table.add(["IQ4_XS", "4.25", "-", "", "fits"])
    return table
  }

  private func lines(_ width: Int?) -> [String] {
    TextTable.$terminalWidth.withValue(width) { table.rendered() }.split(separator: "\n").map(String.init)
  }

  @Test func awayFromATerminalATableIsWhole() {
    #expect(lines(nil).count == 3 && lines(nil)[1].hasSuffix("for its weights"))
    #expect(lines(nil) == lines(200))
  }

  @Test(arguments: 20...120) func noLineIsWiderThanTheTerminal(width: Int) {
    #expect(lines(width).allSatisfy { $0.count <= width }, "\(lines(width))")
  }

  @Test func textsAreBrokenBetweenWordsAndColumnsOfLeastValueGoFirst() {
    let wide = lines(70)
    #expect(wide[0].contains("state"))
    #expect(wide[1].hasPrefix("Q4_K_M"))
    #expect(wide[2].hasPrefix("     ") && wide[2].hasSuffix("memory for its weights"))
    let narrow = lines(40)
    #expect(!narrow[0].contains("state") && narrow[0].contains("bits"))
    #expect(narrow.contains { $0.hasPrefix("(a wider terminal also shows state") })
  }

  @Test func onATerminalAColumnThatIsEmptyInEveryRowIsLeftOut() {
    var table = TextTable(["name", ">tok/s", "verdict"])
    table.add(["Q8_0", "", "does not fit"])
    table.add(["Q4_0", "", "does not fit"])
    let shown = TextTable.$terminalWidth.withValue(80) { table.rendered() }
    #expect(!shown.contains("tok/s") && shown.contains("verdict"))
    #expect(table.rendered().contains("tok/s"))
    // Titles alone stay: there is nothing to judge them by.
    let empty = TextTable(["name", "verdict"])
    #expect(TextTable.$terminalWidth.withValue(80) { empty.rendered() } == "name  verdict")
  }

  @Test func wordsLongerThanALineAreBroken() {
    #expect(TableFit.wrapped("/a/path/of/a/file", to: 6) == ["/a/pat", "h/of/", "a/file"])
    #expect(TableFit.wrapped("two words", to: 5) == ["two", "words"])
    #expect(TableFit.wrapped("", to: 5) == [""])
  }
}
