import Foundation
import Hub
import Platform
import Reporting
import Units

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

extension CommandContext {
  /// A client of the Hub that the environment names, which says when it has to wait.
  func hubClient() -> HubClient {
    var client = HubClient(endpoint: HubEndpoint(environment: environment))
    client.onPause = { cause, seconds in
      guard seconds >= 1 else { return }
      Terminal.note("\(printable(cause.reason.message)); waiting \(formattedSeconds(seconds)), then again")
    }
    return client
  }
}
