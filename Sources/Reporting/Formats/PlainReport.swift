/// The report as text for a terminal: headings and tables, without charts.
public struct PlainReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    var parts = [report.title, report.summary]
    for section in report.sections where section.id != "method" {
      parts.append("\(section.title)\n\(String(repeating: "=", count: section.title.count))")
      parts += section.notices.map { "\($0.level.rawValue): \($0.text)" }
      for table in section.tables {
        var text = TextTable(table.columns.map { $0.isNumeric ? ">\($0.title)" : $0.title })
        for row in table.rows { text.add(row.map(\.text)) }
        parts.append("\(table.caption)\n\(text.rendered())")
      }
    }
    return parts.map(safe).joined(separator: "\n\n")
  }

  /// Names come from files and servers: nothing in them may steer the terminal.
  private func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0 == "\n" || !($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) }))
  }
}
