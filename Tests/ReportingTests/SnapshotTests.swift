import Testing

@testable import Reporting

@Suite struct SnapshotTests {
  @Test(arguments: [ReportFormat.markdown, .html, .csv])
  func aReportOnOneRun(_ format: ReportFormat) throws {
    try expectSnapshot(try format.renderer.render(SampleReports.single), "single.\(format.rawValue)")
  }

  @Test(arguments: [ReportFormat.markdown, .html])
  func aComparison(_ format: ReportFormat) throws {
    try expectSnapshot(try format.renderer.render(SampleReports.comparison), "comparison.\(format.rawValue)")
  }

  @Test(arguments: [ReportFormat.markdown, .html, .csv])
  func aRunWithNothingInIt(_ format: ReportFormat) throws {
    try expectSnapshot(try format.renderer.render(SampleReports.bare), "bare.\(format.rawValue)")
  }
}
