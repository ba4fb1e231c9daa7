import Platform
import Reporting
import Units
import Workflows

/// What a person sees of the main job: its steps with the time since its start, a moving line under them, the plan, and
/// what was measured.
enum RunDisplay {
  static func listener(on terminal: Terminal, stages: Int) -> MainJob.Listener {
    let clock = MonotonicClock()
    let start = clock.now()
    let bench = BenchDisplay(terminal: terminal, stages: stages, keepsStages: false)
    let width = TextTable.terminalWidth
    var listener = MainJob.Listener()
    listener.say = { text in
      terminal.draw("")
      let seconds = Double(clock.now() - start) / 1e9
      Terminal.note(Prose.wrapped("[\(seconds.formatted(decimals: 1)) s] \(text)", to: width, indent: 2))
    }
    listener.onPlan = { Terminal.result(PlanScreen($0).brief() + "\n") }
    listener.onProgress = bench.show
    listener.onMeasured = { run in
      bench.clear()
      Terminal.result("\n" + BenchScreen(run, namesReport: false).rendered())
    }
    return listener
  }
}
