import Units

/// The report as text for a terminal: headings and tables, without charts.
public struct PlainReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    var parts = [report.title, Prose.wrapped(report.summary)]
    for section in report.sections where section.id != "method" {
      parts.append("\(section.title)\n\(String(repeating: "=", count: section.title.count))")
      parts += section.notices.map { Prose.wrapped("\($0.level.rawValue): \($0.text)", indent: 2) }
      for table in section.tables {
        var text = TextTable(table.columns.map { $0.isNumeric ? ">\($0.title)" : $0.title })
        for row in table.rows { text.add(row.map(\.text)) }
        parts.append("\(table.caption)\n\(text.rendered())")
      }
    }
    return parts.map(printableLines).joined(separator: "\n\n")
  }
}
