import Testing
import Units

@Suite("Search in text") struct TextSearchTests {
  @Test(
    "finds a part wherever it stands",
    arguments: [
      ("blk.0.ffn_down_exps.weight", "_exps.", true), ("abc", "abc", true), ("abc", "", true), ("", "", true),
      ("", "a", false), ("ab", "abc", false), ("aaab", "aab", true), ("naïve café", "café", true),
      ("Zürich", "u", false),
      ("ends here", "here", true), ("ends her", "here", false),
    ])
  func finds(text: String, part: String, isThere: Bool) {
    #expect(text.contains(part) == isThere)
    #expect(String(text.reversed()).contains(String(part.reversed())) == isThere)
  }
}
