import Platform

/// One HTML file that stands alone: style and charts inside, no scripts, nothing fetched.
public struct HTMLReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    var body = ""
    for (number, section) in report.sections.enumerated() { body += html(section, number) }
    let links = report.sections.map { "<li><a href=\"#\(escaped($0.id))\">\(escaped($0.title))</a></li>" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="color-scheme" content="light dark">
      <title>\(escaped(report.title)) - plimsoll</title>
      <style>\(HTMLStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the report</a>
      <header>
      <h1>\(escaped(report.title))</h1>
      <p class="lead">\(escaped(report.summary))</p>\(keyFigures(report))
      <nav aria-label="Sections"><ul>\(links)</ul></nav>
      </header>
      <main id="content">
      \(body)</main>
      <footer><p>Made by \(escaped(report.maker)), \(isoTimestamp(report.createdAt)). Sources are given in the tables, or appear when you \
      point at a figure; the JSON file has them all.</p></footer>
      </body>
      </html>

      """
  }

  private func html(_ section: ReportSection, _ number: Int) -> String {
    var text = "<section id=\"\(escaped(section.id))\" aria-labelledby=\"h\(number)\">\n"
    let heading = "<h2 id=\"h\(number)\">\(escaped(section.title))</h2>"
    text += section.isFolded ? "<details><summary>\(heading)</summary>\n" : "\(heading)\n"
    if !section.notices.isEmpty {
      text += "<ul class=\"notices\">\(section.notices.map(html).joined())</ul>\n"
    }
    let charts = section.charts.enumerated().map { html($1, id: "c\(number)-\($0)") }
    if !charts.isEmpty { text += "<div class=\"charts\">\n\(charts.joined())</div>\n" }
    for (index, table) in section.tables.enumerated() { text += html(table, id: "t\(number)-\(index)") }
    for paragraph in section.paragraphs { text += "<p>\(escaped(paragraph))</p>\n" }
    return text + (section.isFolded ? "</details>" : "") + "</section>\n"
  }

  /// The figures that matter most, large.
  private func keyFigures(_ report: RunReport) -> String {
    guard !report.keyFigures.isEmpty else { return "" }
    let figures = report.keyFigures.map { "<div><dt>\(escaped($0.name))</dt><dd>\(escaped($0.text))</dd></div>" }
    return "\n<dl class=\"key\">\(figures.joined())</dl>"
  }

  private func html(_ notice: Notice) -> String {
    let word =
      switch notice.level {
      case .good: "Good"
      case .doubtful: "Doubtful"
      case .undecided: "Undecided"
      case .bad: "Invalid"
      case .worse: "Slower"
      }
    return "<li class=\"\(notice.level.rawValue)\"><strong>\(word):</strong> \(escaped(notice.text))</li>"
  }

  private func html(_ chart: ReportChart, id: String) -> String {
    "<figure><figcaption>\(escaped(chart.title))</figcaption>\(chart.svg(id: id))<p>\(escaped(chart.summary))</p>"
      + "</figure>\n"
  }

  /// A table in a region that scrolls by itself on a narrow screen, reachable by keyboard.
  private func html(_ table: ReportTable, id: String) -> String {
    let titles = table.columns.map { column in
      "<th scope=\"col\"\(column.isNumeric ? " class=\"n\"" : "")>\(escaped(column.title))</th>"
    }.joined()
    let rows = table.rows.map { row in
      let cells = zip(table.columns, row).enumerated().map { index, pair in cell(pair.1, pair.0, isFirst: index == 0) }
      return "<tr>\(cells.joined())</tr>"
    }.joined(separator: "\n")
    let whole = """
      <div class="scroll" role="region" aria-labelledby="\(id)" tabindex="0"><table>
      <caption id="\(id)">\(escaped(table.caption))</caption>
      <thead><tr>\(titles)</tr></thead>
      <tbody>
      \(rows)
      </tbody></table></div>

      """
    return table.isFolded ? "<details><summary>\(escaped(table.caption))</summary>\n\(whole)</details>\n" : whole
  }

  private func cell(_ cell: ReportCell, _ column: ReportColumn, isFirst: Bool) -> String {
    let text = escaped(cell.text)
    if isFirst { return "<th scope=\"row\">\(text)</th>" }
    switch cell {
    case .figure(let figure): return "<td class=\"n\" title=\"\(escaped(figure.source))\">\(text)</td>"
    case .missing: return "<td class=\"\(column.isNumeric ? "n " : "")none\">\(text)</td>"
    case .text: return column.isNumeric ? "<td class=\"n\">\(text)</td>" : "<td>\(text)</td>"
    }
  }
}
