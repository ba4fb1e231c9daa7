import Benchmarking
import Platform
import Reporting
import Synchronization
import Units

/// What a person sees while a benchmark runs: one line drawn over on a terminal, a line every few seconds elsewhere, and a
/// line for each stage that has ended.
final class BenchDisplay: Sendable {
  private struct State {
    var stage: LiveStage
    var lastNote = 0.0
  }

  private let terminal: Terminal
  private let keepsStages: Bool
  private let state: Mutex<State>
  /// Seconds between lines where there is no terminal.
  private static let interval = 5.0

  /// - Parameters:
  ///   - stages: how many will be measured; nil where nobody knows yet.
  ///   - keepsStages: true to leave a line of each stage that has ended.
  init(terminal: Terminal, stages: Int?, keepsStages: Bool = true) {
    self.terminal = terminal
    self.keepsStages = keepsStages
    state = Mutex(State(stage: LiveStage(stages: stages)))
  }

  /// Takes an event of the benchmark.
  @Sendable func show(_ event: BenchmarkEvent) {
    state.withLock { $0.stage.take(event) }
    switch event {
    case .stageStarted: state.withLock { $0.lastNote = 0 }
    case .progress(let progress): draw(progress)
    case .waiting(let words): note("waiting for the server: \(printable(words))")
    case .stageFinished(let stage):
      if keepsStages { note(LiveStage.summary(of: stage)) }
    case .requests, .sample: break
    }
  }

  func clear() { terminal.draw("") }

  private func note(_ text: String) {
    terminal.draw("")
    Terminal.note(text)
  }

  private func draw(_ progress: BenchmarkProgress) {
    let line = state.withLock { state -> String? in
      let isDue = progress.elapsedSeconds - state.lastNote >= Self.interval
      guard terminal.isLive || isDue else { return nil }
      state.lastNote = progress.elapsedSeconds
      return state.stage.line(width: terminal.width - 1)
    }
    guard let line, !line.isEmpty else { return }
    if terminal.isLive { terminal.draw(line) } else { Terminal.note(line) }
  }
}
