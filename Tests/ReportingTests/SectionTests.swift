import Benchmarking
import Engines
import Fixtures
import Foundation
import Records
import Testing
import Units

@testable import Reporting

/// Sections that only some runs have.
@Suite struct SectionTests {
  @Test func energyIsChartedAndCountedByToken() throws {
    var archive = SampleReports.archive()
    for place in archive.telemetry.indices { archive.telemetry[place].joules = 12 * Double(place) }
    let section = try #require(telemetrySection(ReportSubject.letters([archive])))
    let table = try #require(section.tables.last)
    #expect(table.rows.map { $0[0].text } == ["Energy", "Mean power", "Energy for each output token"])
    #expect(table.rows[1][1].text == "12.0 W")
    let titles = section.charts.compactMap { chart in if case .lines(let lines) = chart { lines.title } else { nil } }
    #expect(titles.contains("Power of the processors"))
    for place in archive.telemetry.indices { archive.telemetry[place].acceleratorJoules = 300 * Double(place) }
    let both = try #require(telemetrySection(ReportSubject.letters([archive])))
    #expect(both.tables.suffix(2).map { $0.rows[1][1].text } == ["12.0 W", "300 W"])
    let without = try #require(telemetrySection(ReportSubject.letters([SampleReports.archive()])))
    #expect(!without.tables.contains { $0.caption.hasPrefix("Energy") })
  }

  @Test func servedStandsBesideInProcess() throws {
    var native = SampleReports.archive("20261122-2200-aaaaaa") { $0.concurrencies = [] }
    let text = """
      [{"test": "tg64", "promptTokens": 0, "generatedTokens": 64, "depth": 0, "tokensPerSecond": 128, "deviation": 1,
        "samples": [0.5, 0.5], "build": "b11434"}]
      """
    let results = try JSONDecoder().decode([NativeResult].self, from: Data(text.utf8))
    native.run.settings["native"] = text
    native.run.stages = results.map(\.stage)
    let report = RunReport([native, SampleReports.archive()], createdAt: SampleReports.createdAt)
    let section = try #require(report.sections.first { $0.id == "native" })
    let row = try #require(section.tables.first?.rows.first)
    #expect(row[0].text == "tg64" && row[1].text == "128 tok/s")
    guard case .figure(let served) = row[4], case .figure(let ratio) = row[5] else {
      Issue.record("no served figure in \(row)")
      return
    }
    #expect((ratio.value - served.value / 128).magnitude < 1e-9)
    #expect(!report.sections.contains { $0.tables.contains { $0.rows.contains { $0.first?.text == "native" } } })
  }
}
