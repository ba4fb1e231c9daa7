import Deployment
import Foundation
import Hub
import Platform
import Units
import Workflows

extension Workspace {
  /// The workspace of a command: its notes, questions and progress go to the terminal.
  ///
  /// - Parameter profiles: the folder of `--profiles`, where it was given.
  static func ofCommand(profiles: String? = nil) -> Workspace {
    let environment = ProcessInfo.processInfo.environment
    return Workspace(
      environment: environment, profiles: profiles, audience: Terminal(environment: environment).audience,
      launcher: [Workspace.program, "bind"])
  }

  /// This program's own path, which its name need not tell.
  static var program: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Bundle.main.executablePath
      ?? CommandLine.arguments[0]
  }

  var terminal: Terminal { Terminal(environment: environment) }
}

extension Terminal {
  /// The person at the terminal.
  fileprivate var audience: Audience {
    let pull = ProgressLine(self)
    return Audience(
      note: { Terminal.note($0) }, confirm: { confirms($0) },
      pulling: { progress in
        if let progress { pull.show(progress) } else { pull.end() }
      },
      loading: { LoadDisplay.show($0, on: self) })
  }
}
