import Hub
import Platform
import Synchronization
import Units

/// The moving line that a download shows on a terminal, or a note every ten seconds elsewhere.
final class ProgressLine: Sendable {
  private let terminal: Terminal
  private let lastNote = Mutex<Int64>(0)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func show(_ progress: PullProgress) {
    let share = progress.bytesTotal > .zero ? Double(progress.bytesDone.bytes) / Double(progress.bytesTotal.bytes) : 1
    var text = "\((share * 100).formatted(decimals: 1)) %  \(progress.bytesDone) of \(progress.bytesTotal)"
    if let rate = progress.bytesPerSecond { text += "  \(ByteCount(Int(rate)))/s" }
    if let left = progress.secondsLeft { text += "  \(formattedSeconds(left.rounded())) left" }
    if progress.filesTotal > 1 { text += "  \(progress.filesDone) of \(progress.filesTotal) files" }
    if let pause = progress.serverPause { text += "  (the server asks to wait \(formattedSeconds(pause.rounded())))" }
    if progress.waitsForOthers { text += "  (another process fetches one of them)" }
    if terminal.isLive { return terminal.draw(text) }
    let now = MonotonicClock().now()
    let isDue = lastNote.withLock { last in
      if last == 0 { last = now }
      guard now - last > 10_000_000_000 else { return false }
      last = now
      return true
    }
    if isDue { Terminal.note(text) }
  }

  func end() { terminal.draw("") }
}
