/// A way to print a report. One file for each format conforms, and `ReportFormat.renderer` names it.
public protocol ReportRenderer: Sendable {
  /// Prints the report; nothing is computed here.
  func render(_ report: RunReport) throws -> String
}

/// The formats of reports, by the ending of their files.
public enum ReportFormat: String, Hashable, Sendable, Codable, CaseIterable {
  case markdown = "md"
  case html
  case json
  case csv

  public var renderer: any ReportRenderer {
    switch self {
    case .markdown: MarkdownReport()
    case .html: HTMLReport()
    case .json: JSONReport()
    case .csv: CSVReport()
    }
  }

  /// Reads a format as people name it.
  public init?(parsing text: String) {
    switch text.lowercased() {
    case "md", "markdown": self = .markdown
    case "html", "htm": self = .html
    case "json": self = .json
    case "csv": self = .csv
    default: return nil
    }
  }
}
