import Engines
import Planning
import Units

/// The predicted speed of a plan's option in a few lines: figures with their bands, what bounds them, what would help.
struct SpeedSentences {
  let option: PlanOption

  init(_ option: PlanOption) { self.option = option }

  var lines: [String] {
    guard let speed = option.speed else { return [] }
    let rates: [String?] = [
      words("one stream", speed.decode, " tok/s"), words("prompts", speed.prefill, " tok/s"),
      option.parallel * option.placement.replicas > 1 ? words("all streams", speed.decodeAggregate, " tok/s") : nil,
    ]
    let times: [String?] = [
      seconds("first token after", speed.timeToFirstToken),
      seconds("if all come at once", speed.timeToFirstTokenAtOnce),
      seconds("each further", speed.timePerOutputToken), seconds("loaded after", speed.loadSeconds),
      energy(speed.joulesPerToken),
    ]
    var lines = [rates, times].map { $0.compactMap { $0 }.joined(separator: "; ") }.filter { !$0.isEmpty }
    if !lines.isEmpty { lines[0] = "speed, with 80% bands: " + lines[0] }
    if let most = speed.largestConcurrency {
      let count = most.value == 0 ? "not even one request keeps" : "\(most.value) requests at once keep"
      lines.append("\(count) the targets (\(most.source.detail))")
    }
    for bound in speed.bounds {
      // What bounds a speed is named with what would change it; what is assumed, with what would tell it.
      let lead = bound.code.rawValue.contains("bound-by") ? ". Faster: " : "; "
      let change = bound.remedy.map { lead + $0 } ?? ""
      lines.append("\(bound.message.prefix(1).uppercased() + bound.message.dropFirst())\(change) [\(bound.code)]")
    }
    return lines + [""]
  }

  private func words(_ name: String, _ band: Band?, _ unit: String) -> String? {
    guard let band else { return nil }
    let text = [band.expected, band.low, band.high].map { $0.formatted(significant: 3) }
    return "\(name) \(text[0])\(unit) (\(text[1])–\(text[2]))"
  }

  /// With the power that was counted: it is a bound where devices wait for each other.
  private func energy(_ band: Band?) -> String? {
    words("energy", band, " J/token").map { text in band?.source.map { "\(text), by \($0.detail)" } ?? text }
  }

  private func seconds(_ name: String, _ band: Band?) -> String? {
    guard let band else { return nil }
    let text = [band.expected, band.low, band.high].map { formattedSeconds($0) }
    return "\(name) \(ReportFigure.banded(text[0], low: text[1], high: text[2]))"
  }
}
