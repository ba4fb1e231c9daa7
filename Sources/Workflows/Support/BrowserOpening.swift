public import Platform

/// Opens an address in the user's browser.
public struct BrowserOpening: Sendable {
  private let environment: [String: String]
  private let commands: any CommandRunner

  public init(in workspace: Workspace, commands: any CommandRunner = SystemCommandRunner()) {
    environment = workspace.environment
    self.commands = commands
  }

  /// False where there is no screen to show one, as over SSH.
  var hasScreen: Bool {
    if OperatingSystem.current == .macOS { return environment["SSH_CONNECTION"] == nil }
    return ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(environment[$0] ?? "").isEmpty }
  }

  /// True where a browser took the address.
  public func open(_ address: String) async -> Bool {
    guard hasScreen else { return false }
    let program = OperatingSystem.current == .macOS ? "open" : "xdg-open"
    return await commands.run(program, [address], timeout: .seconds(10))?.exitCode == 0
  }
}
