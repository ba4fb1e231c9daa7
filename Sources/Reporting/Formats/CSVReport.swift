import Units

/// Every figure of the report's tables on a line of its own, with unit, band and source (RFC 4180).
public struct CSVReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    var lines = [["section", "table", "row", "column", "value", "unit", "low", "high", "source"]]
    for section in report.sections {
      for notice in section.notices {
        lines.append([section.id, "notice", notice.level.rawValue, "", notice.text, "", "", "", ""])
      }
      for table in section.tables {
        for row in table.rows { lines += self.lines(of: row, table, section) }
      }
    }
    return csvText(lines)
  }

  private func lines(of row: [ReportCell], _ table: ReportTable, _ section: ReportSection) -> [[String]] {
    let name = row.prefix { if case .text = $0 { true } else { false } }.first?.text ?? ""
    return zip(table.columns, row).dropFirst().map { column, cell in
      let place = [section.id, table.caption, name, column.title]
      switch cell {
      case .figure(let figure):
        let band = [figure.low, figure.high].map { $0.map { "\($0)" } ?? "" }
        return place + ["\(figure.value)", figure.unit.rawValue] + band + [figure.source]
      case .text(let words): return place + [words, "", "", "", ""]
      case .missing(let reason): return place + ["", "", "", "", reason]
      }
    }
  }
}
