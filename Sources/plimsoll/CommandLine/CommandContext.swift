import Foundation
import Platform

/// The real seams of one command: made once, handed to the modules, which read no environment themselves.
struct CommandContext: Sendable {
  let environment: [String: String]
  let folders: DataFolders
  let terminal: Terminal
  let clock = MonotonicClock()

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.environment = environment
    folders = DataFolders(environment: environment)
    terminal = Terminal(environment: environment)
  }
}
