public import Benchmarking
import Platform
import Units

/// The line that a benchmark shows of the stage that runs: how far it is, rate, requests in flight, TTFT, time left, and
/// the rate of the last seconds as bars.
public struct LiveStage: Sendable {
  /// Seconds of one bar, and of the rate that is shown.
  static let interval = 1.0
  /// The bars that are kept, and the fewest that tell anything.
  private static let bars = 4...24

  /// Stages that will be measured; nil where nobody knows yet, as in a search.
  private let stages: Int?
  private var finished = 0
  private var progress: BenchmarkProgress?
  /// TTFT of the last requests, seconds.
  private var firstTokens: [Double] = []
  /// TPOT of the last requests, seconds.
  private var eachTokens: [Double] = []
  /// Output tokens and content chunks of requests that ended: what a chunk is worth.
  private var tokens = 0
  private var chunks = 0
  /// Chunks a second over each of the last intervals.
  private var rates: [Double] = []
  private var mark = (seconds: 0.0, chunks: 0)

  public init(stages: Int?) { self.stages = stages }

  /// Takes an event of the benchmark.
  public mutating func take(_ event: BenchmarkEvent) {
    switch event {
    case .stageStarted:
      progress = nil
      (tokens, chunks, mark) = (0, 0, (0, 0))
      (firstTokens, eachTokens, rates) = ([], [], [])
    case .requests(let requests):
      firstTokens = (firstTokens + requests.compactMap(\.timeToFirstToken)).suffix(100)
      eachTokens = (eachTokens + requests.compactMap(\.timePerOutputToken)).suffix(100)
      for request in requests {
        guard let count = request.outputTokens, !request.chunkTimes.isEmpty else { continue }
        tokens += count
        chunks += request.chunkTimes.count
      }
    case .progress(let progress):
      self.progress = progress
      let seconds = progress.elapsedSeconds - mark.seconds
      guard seconds >= Self.interval else { return }
      rates.append(Double(max(0, progress.chunks - mark.chunks)) / seconds)
      rates = rates.suffix(Self.bars.upperBound)
      mark = (progress.elapsedSeconds, progress.chunks)
    case .stageFinished: finished += 1
    case .sample, .waiting: break
    }
  }

  /// The line, no wider than the columns; what is less important goes first. Empty before there is anything to tell.
  public func line(width: Int) -> String {
    guard let progress else { return "" }
    var line = head(progress)
    for part in parts(progress) where line.count + 2 + part.count <= width { line += "  \(part)" }
    let room = width - line.count - 2
    guard room >= Self.bars.lowerBound else { return line }
    let bars = Sparkline.rendered(rates, width: room)
    return bars.isEmpty ? line : "\(line)  \(bars)"
  }

  /// The name of the stage that runs; nil before the start.
  public var stage: String? { progress?.stage }

  /// The figures of the moment by name: tokensPerSecond, timeToFirstToken and timePerOutputToken (seconds), inFlight,
  /// failed; none before the start.
  public var figures: [String: Double] {
    guard let progress else { return [:] }
    var figures = ["inFlight": Double(progress.inFlight), "failed": Double(progress.failed)]
    figures["tokensPerSecond"] = tokensPerSecond(progress)
    if !firstTokens.isEmpty { figures["timeToFirstToken"] = firstTokens.sorted()[firstTokens.count / 2] }
    if !eachTokens.isEmpty { figures["timePerOutputToken"] = eachTokens.sorted()[eachTokens.count / 2] }
    return figures
  }

  private func head(_ progress: BenchmarkProgress) -> String {
    let number = stages.flatMap { $0 > 1 && finished < $0 ? "[\(finished + 1)/\($0)] " : nil } ?? ""
    let share = progress.share.map { " \(Int($0 * 100))%" } ?? ""
    return number + progress.stage + share
  }

  /// In the order in which they are worth their columns.
  private func parts(_ progress: BenchmarkProgress) -> [String] {
    var parts: [String] = []
    if let rate = tokensPerSecond(progress) { parts.append("\(rate.formatted(significant: 3)) tok/s") }
    if !firstTokens.isEmpty { parts.append("TTFT \(formattedSeconds(firstTokens.sorted()[firstTokens.count / 2]))") }
    if let share = progress.share, share > 0.05, share < 1 {
      parts.append("\(statedSeconds((progress.elapsedSeconds * (1 - share) / share).rounded(.up))) left")
    }
    parts.append("\(progress.inFlight.grouped) in flight")
    if progress.failed > 0 {
      let why = progress.lastError.map { " (\(printable(String($0.prefix(48)))))" } ?? ""
      parts.insert("\(progress.failed.grouped) failed", at: 0)
      if !why.isEmpty { parts.append("last failure\(why)") }
    }
    parts.append("\(progress.finished.grouped) done")
    return parts
  }

  /// Output tokens a second of the last second, or since the start before that. A chunk counts as the tokens that the
  /// server's own counts gave those of finished requests, one where there are none.
  private func tokensPerSecond(_ progress: BenchmarkProgress) -> Double? {
    let average = progress.elapsedSeconds > 0.5 ? Double(progress.chunks) / progress.elapsedSeconds : nil
    guard let rate = rates.last ?? average, progress.chunks > 0 else { return nil }
    return rate * (chunks > 0 ? Double(tokens) / Double(chunks) : 1)
  }

  /// What is left on the screen of a stage that has ended.
  public static func summary(of stage: StageResult) -> String {
    let summary = stage.summary
    var parts = ["\(summary.completed.grouped) done"]
    if summary.errors > 0 { parts.append("\(summary.errors.grouped) failed") }
    if let rate = summary.outputTokensPerSecond { parts.append("\(rate.formatted(significant: 3)) tok/s") }
    if let first = summary.timeToFirstToken.p50 { parts.append("TTFT \(formattedSeconds(first))") }
    if let each = summary.timePerOutputToken.p50 { parts.append("TPOT \(formattedSeconds(each))") }
    return "\(stage.name): \(parts.joined(separator: ", "))"
  }
}
