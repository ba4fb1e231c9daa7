import Fitting
import Planning
import Reporting
import Units

extension AccuracySpeed {
  func rendered(_ table: SpeedAccuracy.Table) -> TextTable {
    let grouping = isByFamily ? .family : by
    var text = TextTable(
      [
        "measure", grouping.rawValue, ">cases", ">skipped", ">median %", ">p90 %", ">in the 80% band %",
        ">families", ">median family %", ">predicted/measured",
      ], optional: ["skipped", "families", "median family %", "predicted/measured"])
    for measure in SpeedMeasure.allCases {
      let parts = parts(of: table, grouping, measure)
      for (name, score) in [("all", table.overall[measure])] + parts.map({ ($0.key, Optional($0.value)) }) {
        guard let score else { continue }
        text.add([
          name == "all" ? measure.rawValue : "", name, "\(score.cases)", "\(score.skipped)",
          score.medianPercent.formatted(decimals: 1),
          score.p90Percent.formatted(decimals: 1),
          score.coverage80Percent.formatted(decimals: 1), "\(score.families)",
          score.medianFamilyPercent.formatted(decimals: 1), score.medianRatio.formatted(decimals: 2),
        ])
      }
    }
    return text
  }

  /// What was neither fitted nor scored, and why.
  func leftOut(of data: ReferenceData) -> TextTable {
    var text = TextTable(["not scored", "because", ">measurements"])
    for measure in SpeedMeasure.allCases {
      for (reason, count) in (data.leftOut[measure] ?? [:]).sorted(by: { $0.value > $1.value }) {
        text.add([measure.rawValue, reason.rawValue, "\(count)"])
      }
    }
    return text
  }

  private func parts(
    of table: SpeedAccuracy.Table, _ grouping: Grouping, _ measure: SpeedMeasure
  ) -> [(key: String, value: SpeedAccuracy)] {
    switch grouping {
    case .deviceClass: (table.byClass[measure] ?? [:]).sorted { ($1.value.cases, $0.key) < ($0.value.cases, $1.key) }
    case .family: (table.byFamily[measure] ?? [:]).sorted { $0.value.medianPercent > $1.value.medianPercent }
    case .source: (table.bySource[measure] ?? [:]).sorted { $0.value.medianPercent > $1.value.medianPercent }
    case .scenario: (table.byScenario[measure] ?? [:]).sorted { $0.value.cases > $1.value.cases }
    case .file: (table.byFile[measure] ?? [:]).sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
    }
  }
}
