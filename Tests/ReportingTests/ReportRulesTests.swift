import Foundation
import Records
import Testing

@testable import Reporting

/// What holds for every report, whatever is in it.
@Suite struct ReportRulesTests {
  private let reports = [SampleReports.single, SampleReports.comparison, SampleReports.bare]

  @Test func predictionValidityAndClientAreInEveryReport() {
    for report in reports {
      let ids = report.sections.map(\.id)
      #expect(ids.contains("prediction") && ids.contains("validity"))
      let trust = report.sections.first { $0.id == "validity" }
      #expect(trust?.notices.isEmpty == false)
      #expect(trust?.tables.first?.rows.count == 10)
      #expect(Set(ids).count == ids.count)
    }
  }

  @Test func everyFigureHasASource() {
    for report in reports {
      let cells = report.sections.flatMap(\.tables).flatMap(\.rows).flatMap { $0 }
      for case .figure(let figure) in cells { #expect(!figure.source.isEmpty, "\(figure)") }
    }
  }

  @Test func everyRowFillsItsColumns() {
    for table in reports.flatMap(\.sections).flatMap(\.tables) {
      for row in table.rows { #expect(row.count == table.columns.count, "\(table.caption)") }
    }
  }

  @Test func theHTMLFetchesAndRunsNothing() throws {
    for report in reports {
      let html = try HTMLReport().render(report)
      for word in ["<script", "http://", "https://", "@import", "url(http", "<link", "<img", "javascript:", "onload="] {
        let found = html.replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
          .replacingOccurrences(of: "http://h/&lt;script", with: "").contains(word)
        #expect(!found || report == SampleReports.bare && word.hasPrefix("http"), "\(word)")
      }
    }
  }

  @Test func theHTMLIsWellFormed() throws {
    for report in reports {
      let html = try HTMLReport().render(report)
      let ids = html.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
      #expect(Set(ids).count == ids.count, "an id is used twice")
      for reference in html.matches(of: /aria-labelledby="([^"]+)"/).flatMap({ $0.1.split(separator: " ") }) {
        #expect(ids.contains(String(reference)))
      }
      for chart in html.components(separatedBy: "<svg").dropFirst() {
        let svg = "<svg" + (chart.components(separatedBy: "</svg>").first ?? "") + "</svg>"
        #expect(isWellFormed(svg))
      }
    }
  }

  /// A stack of open tags, enough for markup that we write ourselves.
  private func isWellFormed(_ markup: String) -> Bool {
    var open: [String] = []
    for tag in markup.matches(of: /<(\/?)([a-zA-Z]+)[^<>]*?(\/?)>/) {
      if tag.1.isEmpty && tag.3.isEmpty { open.append(String(tag.2)) }
      if !tag.1.isEmpty, open.popLast() != String(tag.2) { return false }
    }
    return open.isEmpty && !markup.contains("nan") && !markup.contains("inf\"")
  }

  @Test func theJSONComesBack() throws {
    for report in reports {
      let text = try JSONReport().render(report)
      #expect(try StoredJSON.value(RunReport.self, from: text) == report)
    }
  }

  @Test func aSpreadsheetRunsNoFormula() throws {
    let text = try CSVReport().render(SampleReports.bare)
    #expect(text.contains("'=HYPERLINK"))
    #expect(!text.contains(",=HYPERLINK"))
  }

  @Test func filesAreWrittenInsideTheFolder() throws {
    let folder = NSTemporaryDirectory() + "plimsoll-reports-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for report in reports {
      for path in try ReportWriter.write(report, to: folder, ReportFormat.allCases) {
        #expect(URL(filePath: path).deletingLastPathComponent().path == folder)
        #expect(FileManager.default.fileExists(atPath: path))
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 12)
    #expect(throws: ReportError.self) { try ReportWriter.write(SampleReports.bare, to: "/proc/none") }
  }

  /// A reader sees what matters first, and what few need folded, without any script.
  @Test func whatMattersStandsFirst() throws {
    let single = SampleReports.single
    #expect(single.keyFigures.count == 3)
    #expect(single.sections.first?.id == "validity")
    #expect(single.sections.filter(\.isFolded).map(\.id) == ["overview", "environment", "settings", "method"])
    let html = try HTMLReport().render(single)
    let figures = try #require(html.range(of: "<dl class=\"key\">"))
    let sections = try #require(html.range(of: "<section"))
    #expect(figures.lowerBound < sections.lowerBound)
    #expect(html.components(separatedBy: "<details>").count == html.components(separatedBy: "</details>").count)
    #expect(html.components(separatedBy: "<details>").count > 4)
    #expect(SampleReports.comparison.sections.first?.id == "verdict")
  }

  /// One sentence for each quantity, one picture, each caveat once.
  @Test func aComparisonSaysEachThingOnce() throws {
    let verdict = try #require(SampleReports.comparison.sections.first)
    #expect(
      verdict.notices.map(\.text) == [
        "B is slower than A: output throughput by 26.0%; undecided: time to first token"
      ])
    #expect(verdict.notices.map(\.level) == [.worse])
    guard case .ratios(let chart) = try #require(verdict.charts.first) else {
      Issue.record("the first chart of a comparison shows the ratios")
      return
    }
    #expect(chart.rows.map(\.estimate) == [0.74, 0.95])
    #expect(verdict.tables.allSatisfy { !$0.columns.contains { $0.title == "Reason" } })
    #expect(Set(verdict.paragraphs).count == verdict.paragraphs.count)
    #expect(verdict.paragraphs.contains { $0.contains("reaches into the noise floor") })
  }

  /// What has no band is not counted among what should lie in one.
  @Test func onlyWhatHasABandIsCounted() throws {
    let prediction = try #require(SampleReports.single.sections.first { $0.id == "prediction" })
    guard case .bands(let chart) = try #require(prediction.charts.first) else {
      Issue.record("the chart shows bands")
      return
    }
    let results = try #require(prediction.tables.first).rows.compactMap { $0.last?.text }.filter { !$0.isEmpty }
    let within = results.count { $0 == "within the band" }
    #expect(chart.summary.hasPrefix("\(within) of \(results.count) "))
    #expect(results.allSatisfy { $0 == "within the band" || $0.contains("% ") })
  }
}
