public import Planning
import Units

extension SpeedCalibration {
  /// What was measured beside what was predicted, one row for each sample.
  public func rendered() -> String {
    var table = TextTable(
      [
        "measure", "engine", "kind", ">threads", ">in flight", ">predicted", ">measured", ">ratio", "source",
      ], optional: ["in flight", "threads", "kind"])
    for sample in samples {
      table.add([
        sample.measure.rawValue, sample.engine, sample.quantKind.rawValue, sample.threads.map { "\($0)" } ?? "",
        "\(Int(sample.streams ?? 1))",
        sample.predicted.formatted(significant: 3), sample.measured.formatted(significant: 3),
        (sample.measured / sample.predicted).formatted(decimals: 2), sample.source.detail,
      ])
    }
    return table.rendered()
  }
}
