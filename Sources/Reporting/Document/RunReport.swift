public import Records
public import Units

/// A report on one run or several, computed once; renderers only print it.
public struct RunReport: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.report/1"

  public var schema: String = RunReport.schema
  public var title: String
  /// One sentence under the title.
  public var summary: String
  /// The few figures that matter most, to stand above everything else.
  public var keyFigures: [KeyFigure] = []
  /// Seconds since 1970.
  public var createdAt: Double
  /// The Plimsoll that wrote it; nil for reports of versions that did not say.
  public var plimsoll: ProgramVersion? = .current
  public var sections: [ReportSection]
  /// The runs as they are stored, for readers of the JSON form.
  public var runs: [Run]

  public init(title: String, summary: String, createdAt: Double, sections: [ReportSection], runs: [Run]) {
    self.title = title
    self.summary = summary
    self.createdAt = createdAt
    self.sections = sections
    self.runs = runs
  }
}

/// One of the figures that matter most: `588 tok/s`, and what it is.
public struct KeyFigure: Hashable, Sendable, Codable {
  public var name: String
  public var text: String

  public init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }
}

extension RunReport {
  /// Who wrote it, for the last line.
  var maker: String { plimsoll.map { "Plimsoll \($0)" } ?? "Plimsoll" }
}

/// A part of a report under one heading.
public struct ReportSection: Hashable, Sendable, Codable {
  /// A word for links and for rows of the CSV form: `memory`, `latency`.
  public var id: String
  public var title: String
  /// True for what few readers need: shown folded where the form allows it.
  public var isFolded = false
  public var notices: [Notice] = []
  public var paragraphs: [String] = []
  public var tables: [ReportTable] = []
  public var charts: [ReportChart] = []

  public init(_ id: String, _ title: String) {
    self.id = id
    self.title = title
  }
}

/// A sentence that must not be missed.
public struct Notice: Hashable, Sendable, Codable {
  public enum Level: String, Hashable, Sendable, Codable { case good, doubtful, undecided, bad, worse }

  public var level: Level
  public var text: String

  public init(_ level: Level, _ text: String) {
    self.level = level
    self.text = text
  }
}

/// Rows under column titles, with a caption that says what they are.
public struct ReportTable: Hashable, Sendable, Codable {
  public var caption: String
  public var columns: [ReportColumn]
  public var rows: [[ReportCell]]
  /// True for what few readers need: shown folded where the form allows it.
  public var isFolded = false

  public init(_ caption: String, _ columns: [ReportColumn], _ rows: [[ReportCell]] = []) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}

/// A column's title, and whether it holds numbers.
public struct ReportColumn: Hashable, Sendable, Codable {
  public var title: String
  public var isNumeric: Bool

  public static func text(_ title: String) -> ReportColumn { ReportColumn(title: title, isNumeric: false) }
  public static func number(_ title: String) -> ReportColumn { ReportColumn(title: title, isNumeric: true) }
}

/// What is in one cell: words, a figure with its source, or nothing with the reason.
public enum ReportCell: Hashable, Sendable, Codable {
  case text(String)
  case figure(ReportFigure)
  case missing(String)

  /// The cell as a reader sees it.
  public var text: String {
    switch self {
    case .text(let words): words
    case .figure(let figure): figure.text
    case .missing(let reason): reason
    }
  }

  /// A figure, or the reason why there is none.
  static func figure(_ value: Double?, _ unit: ReportUnit, _ source: String, or reason: String) -> ReportCell {
    value.map { .figure(ReportFigure($0, unit, source)) } ?? .missing(reason)
  }
}
