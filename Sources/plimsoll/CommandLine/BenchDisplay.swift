import Benchmarking
import Platform
import Synchronization
import Units

/// What a person sees while a benchmark runs: one line drawn over on a terminal, a line every few seconds elsewhere.
final class BenchDisplay: Sendable {
  private struct State {
    var stage = 0
    var lastNote = -1.0
    var recent: [Double] = []
  }

  private let terminal: Terminal
  private let stages: Int
  private let state = Mutex(State())
  /// Seconds between lines where there is no terminal.
  private static let interval = 5.0

  init(terminal: Terminal, stages: Int) {
    self.terminal = terminal
    self.stages = stages
  }

  /// Takes an event of the benchmark.
  @Sendable func show(_ event: BenchmarkEvent) {
    switch event {
    case .stageStarted:
      state.withLock {
        $0.stage += 1
        $0.lastNote = 0
        $0.recent = []
      }
    case .requests(let finished):
      state.withLock { state in
        state.recent += finished.compactMap { $0.timeToFirstToken }
        state.recent = Array(state.recent.suffix(100))
      }
    case .progress(let progress): draw(progress)
    case .waiting(let words): Terminal.note("waiting for the server: \(printable(words))")
    case .stageFinished, .sample: break
    }
  }

  func clear() { terminal.draw("") }

  private func draw(_ progress: BenchmarkProgress) {
    let line = state.withLock { state -> String? in
      let isDue = progress.elapsedSeconds - state.lastNote >= Self.interval
      guard terminal.isLive || isDue else { return nil }
      state.lastNote = progress.elapsedSeconds
      return Self.line(progress, recent: state.recent)
    }
    guard let line else { return }
    if terminal.isLive { terminal.draw(line) } else { Terminal.note(line) }
  }

  private static func line(_ progress: BenchmarkProgress, recent: [Double]) -> String {
    var parts = [progress.stage]
    if let share = progress.share { parts.append("\(Int(share * 100))%") }
    parts.append("\(progress.finished) done, \(progress.inFlight) in flight")
    if progress.failed > 0 {
      let why = progress.lastError.map { " (\(printable(String($0.prefix(48)))))" } ?? ""
      parts.append("\(progress.failed) failed\(why)")
    }
    if progress.elapsedSeconds > 0.5 {
      parts.append("\((Double(progress.chunks) / progress.elapsedSeconds).formatted(significant: 3)) chunks/s")
    }
    if !recent.isEmpty {
      parts.append("first token \(formattedSeconds(recent.sorted()[recent.count / 2]))")
    }
    if let share = progress.share, share > 0.05, share < 1 {
      parts.append("\(formattedSeconds((progress.elapsedSeconds * (1 - share) / share).rounded(.up))) left")
    }
    return parts.joined(separator: " · ")
  }
}
