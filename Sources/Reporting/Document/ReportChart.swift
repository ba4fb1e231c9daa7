/// What a chart shows; how it is drawn is the renderer's affair.
public enum ReportChart: Hashable, Sendable, Codable {
  case bars(BarChart)
  case stack(StackChart)
  case bands(BandChart)
  case ratios(RatioChart)
  case lines(LineChart)

  public var title: String {
    switch self {
    case .bars(let chart): chart.title
    case .stack(let chart): chart.title
    case .bands(let chart): chart.title
    case .ratios(let chart): chart.title
    case .lines(let chart): chart.title
    }
  }

  /// What the chart says, in words, for those who do not see it.
  public var summary: String {
    switch self {
    case .bars(let chart): chart.summary
    case .stack(let chart): chart.summary
    case .bands(let chart): chart.summary
    case .ratios(let chart): chart.summary
    case .lines(let chart): chart.summary
    }
  }
}

/// Bars in groups, one bar for each series.
public struct BarChart: Hashable, Sendable, Codable {
  public struct Group: Hashable, Sendable, Codable {
    public var name: String
    /// One for each series; nil where there is no figure.
    public var values: [Double?]
  }

  public var title: String
  public var summary: String
  public var unit: ReportUnit
  public var series: [String]
  public var groups: [Group]
}

/// Bars made of parts that add up.
public struct StackChart: Hashable, Sendable, Codable {
  public struct Part: Hashable, Sendable, Codable {
    public var name: String
    public var value: Double
  }

  public struct Bar: Hashable, Sendable, Codable {
    public var name: String
    public var parts: [Part]

    public var total: Double { parts.reduce(0) { $0 + $1.value } }
  }

  public var title: String
  public var summary: String
  public var unit: ReportUnit
  public var bars: [Bar]

  /// The names of all parts, in the order in which they first come.
  public var partNames: [String] {
    bars.flatMap(\.parts).reduce(into: []) { names, part in
      if !names.contains(part.name) { names.append(part.name) }
    }
  }
}

/// Predicted bands with what was measured, each row in units of its prediction.
public struct BandChart: Hashable, Sendable, Codable {
  public struct Row: Hashable, Sendable, Codable {
    public var name: String
    public var unit: ReportUnit
    public var low: Double
    public var expected: Double
    public var high: Double
    public var measured: Double?
  }

  public var title: String
  public var summary: String
  public var rows: [Row]
}

/// Ratios of two runs with their intervals, beside the noise within which no difference counts.
public struct RatioChart: Hashable, Sendable, Codable {
  public struct Row: Hashable, Sendable, Codable {
    public var name: String
    public var low: Double
    public var estimate: Double
    public var high: Double
    /// The share that equal runs differ by.
    public var floor: Double
  }

  public var title: String
  public var summary: String
  public var rows: [Row]
}

/// Lines through points, or steps of a cumulative share.
public struct LineChart: Hashable, Sendable, Codable {
  public struct Series: Hashable, Sendable, Codable {
    public var name: String
    public var points: [Point]
  }

  public struct Point: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double
    public var label: String?

    public init(_ x: Double, _ y: Double, label: String? = nil) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  public var title: String
  public var summary: String
  public var xTitle: String
  public var yTitle: String
  public var xUnit: ReportUnit
  public var yUnit: ReportUnit
  public var series: [Series]
  /// True where there are too many points to mark each.
  public var isDense: Bool = false
}
