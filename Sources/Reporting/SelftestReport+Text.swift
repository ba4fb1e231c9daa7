public import Benchmarking
import Units

extension SelftestReport {
  /// The report as a terminal shows it.
  public func rendered() -> String {
    var table = TextTable(["case", "", ">first token", ">per token", ">between tokens", ">end to end"])
    for item in cases {
      let values = [item.timeToFirstToken, item.timePerOutputToken, item.interTokenLatency, item.endToEnd]
      table.add([item.name, item.isPassed ? "ok" : "WRONG"] + values.map { $0.map { Self.signed($0) } ?? "-" })
    }
    var lines = ["The client's figure minus the server's own, the median of three requests:", "", table.rendered(), ""]
    lines += cases.flatMap { item in item.faults.map { "\(item.name): \($0)" } }
    lines.append(
      "\(floor.streams) streams at once: first token off by \(formattedSeconds(floor.timeToFirstTokenP50)) at the median, "
        + "\(formattedSeconds(floor.timeToFirstTokenP99)) at p99; gap between tokens by "
        + "\(formattedSeconds(floor.interTokenP99)) at p99")
    if let speed {
      lines.append("in bursts: \(Int(speed.burstEventsPerCPUSecond).grouped) events for each second of CPU time")
      lines.append(
        "answers of one token: \(Int(speed.shortRequestsPerSecond).grouped) requests/s, "
          + "\(Int(speed.shortRequestsPerCPUSecond).grouped) for each second of CPU time")
      lines.append("first request \(formattedSeconds(speed.firstRequestSeconds)) after the start of a run")
    }
    return lines.joined(separator: "\n")
  }

  private static func signed(_ seconds: Double) -> String {
    (seconds < 0 ? "-" : "+") + formattedSeconds(seconds.magnitude)
  }
}
