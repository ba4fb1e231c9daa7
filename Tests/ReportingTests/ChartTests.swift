import Testing

@testable import Reporting

@Suite struct ChartTests {
  @Test(arguments: [
    (1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (4.0, ["0", "1", "2", "3", "4"]),
    (236.0, ["0", "50", "100", "150", "200", "250"]), (0.034, ["0.00", "0.01", "0.02", "0.03", "0.04"]),
  ])
  func ticksAreRound(_ largest: Double, _ expected: [String]) {
    let axis = Axis(upTo: largest)
    #expect(axis.ticks.map(axis.label) == expected)
  }

  @Test(arguments: [0, -1, Double.infinity, .nan, 1e-300, 1e300])
  func ticksStayFiniteForAnyNumber(_ largest: Double) {
    let axis = Axis(upTo: largest)
    #expect(axis.upper > 0 && axis.ticks.count < 20)
  }

  @Test func textCannotLeaveItsPlace() {
    #expect(escaped("<a b=\"c\" d='e'>&\u{202E}\u{7}\n") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp; ")
  }
}
