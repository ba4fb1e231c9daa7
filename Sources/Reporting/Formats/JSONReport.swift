import Records

/// The report as one JSON document, `plimsoll.report/1`: every figure with unit and source, and the runs themselves.
public struct JSONReport: ReportRenderer {
  public init() {}

  public func render(_ report: RunReport) throws -> String {
    try StoredJSON.text(report, pretty: true) + "\n"
  }
}
