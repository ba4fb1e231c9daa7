import Platform
import Units

/// Markdown as code hosts show it: headings, tables, and bars of text where a chart helps.
public struct MarkdownReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    var parts = ["# \(plain(report.title))", plain(report.summary)]
    parts += report.keyFigures.map { "**\(plain($0.text))** \(plain($0.name))" }.joinedAsOne(by: " · ")
    for section in report.sections {
      parts.append("## \(plain(section.title))")
      parts += section.notices.map { "> **\(word($0.level))** \(plain($0.text))" }.joinedAsOne(by: "\n>\n")
      parts += section.paragraphs.map(plain)
      for table in section.tables {
        parts.append("**\(plain(table.caption))**")
        parts.append(markdown(table))
      }
      for chart in section.charts {
        parts.append("**\(plain(chart.title))**: \(plain(chart.summary))")
        if let bars = bars(chart) { parts.append("```text\n\(bars)\n```") }
      }
    }
    parts.append("Made by \(report.maker), \(isoTimestamp(report.createdAt)).")
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func word(_ level: Notice.Level) -> String {
    switch level {
    case .good: "Good:"
    case .doubtful: "Doubtful:"
    case .undecided: "Undecided:"
    case .bad: "Invalid:"
    case .worse: "Slower:"
    }
  }

  private func markdown(_ table: ReportTable) -> String {
    var text = TextTable(table.columns.map { $0.isNumeric ? ">\($0.title)" : $0.title })
    for row in table.rows { text.add(row.map { plain($0.text) }) }
    return text.markdown()
  }

  /// Bars of characters for charts that are bars; lines are left to the HTML form.
  private func bars(_ chart: ReportChart) -> String? {
    switch chart {
    case .bars(let chart):
      let rows = chart.groups.flatMap { group in
        zip(chart.series, group.values).map { name, value in
          (chart.series.count > 1 ? "\(group.name), \(name)" : group.name, value ?? 0, chart.unit)
        }
      }
      return drawn(rows)
    case .stack(let chart):
      return drawn(chart.bars.flatMap { bar in bar.parts.map { ("\(bar.name), \($0.name)", $0.value, chart.unit) } })
    case .bands, .lines, .ratios: return nil
    }
  }

  private func drawn(_ rows: [(String, Double, ReportUnit)]) -> String {
    let largest = rows.map { $0.1 }.max() ?? 0
    let width = rows.map { $0.0.count }.max() ?? 0
    return rows.map { name, value, unit in
      let length = largest > 0 ? Int((value / largest * 40).rounded()) : 0
      let gap = String(repeating: " ", count: width - name.count)
      // A fence inside a name would end the block.
      let safe = name.map { $0 == "`" ? "'" : String($0) }.joined()
      return "\(safe)\(gap)  \(String(repeating: "█", count: max(value > 0 ? 1 : 0, length))) \(unit.text(value))"
    }.joined(separator: "\n")
  }

  /// Returns text whose characters mean nothing to Markdown or to the HTML inside it.
  private func plain(_ text: String) -> String {
    var out = ""
    for character in printable(text) {
      switch character {
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "&": out += "&amp;"
      case "*", "`", "[", "]", "\\", "#": out += "\\\(character)"
      case "\n", "\r", "\r\n", "\t": out += " "
      case "_": out += "\\_"
      default: out.append(character)
      }
    }
    return out
  }
}

extension [String] {
  /// All strings as one, or none where there are none.
  fileprivate func joinedAsOne(by separator: String) -> [String] {
    isEmpty ? [] : [joined(separator: separator)]
  }
}
