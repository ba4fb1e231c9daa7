import Testing
import Units

@Suite struct CSVQuotingTests {
  @Test(
    arguments: [
      ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("a\nb", "\"a\nb\""),
      ("a\r\nb", "\"a\r\nb\""), ("-1.5", "-1.5"), ("+3", "+3"), ("-1+2", "'-1+2"), ("=1+1", "'=1+1"), ("@sum", "'@sum"),
      ("=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\""), ("\t=1", "'\t=1"),
    ])
  func quotesWhatNeedsIt(_ field: String, _ written: String) { #expect(csvQuoted(field) == written) }

  /// What steers a terminal, or turns the text around it, is blanked in every field.
  @Test func aLineIsPrintable() { #expect(csvLine(["a\u{1B}[2Jb", "c\u{202E}d"]) == "a [2Jb,c d\r\n") }

  @Test func writesALine() { #expect(csvLine(["a", "b,c", ""]) == "a,\"b,c\",\r\n") }
}
