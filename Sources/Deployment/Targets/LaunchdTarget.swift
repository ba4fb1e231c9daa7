import Engines

/// A launch agent for macOS.
struct LaunchdTarget: Sendable {
  let request: TargetRequest

  var agent: TargetFile {
    let launch = request.programLaunch
    let label = "org.plimsoll.\(request.name)"
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      #"<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">"#,
      #"<plist version="1.0">"#, "<dict>", "  <key>Label</key>", "  <string>\(Self.escaped(label))</string>",
      "  <key>ProgramArguments</key>", "  <array>",
    ]
    lines += ([launch.program] + launch.arguments).map { "    <string>\(Self.escaped($0))</string>" }
    lines += ["  </array>", "  <key>EnvironmentVariables</key>", "  <dict>"]
    for (name, value) in launch.environment.sorted(by: { $0.key < $1.key }) {
      lines += ["    <key>\(Self.escaped(name))</key>", "    <string>\(Self.escaped(value))</string>"]
    }
    lines += [
      "  </dict>", "  <key>StandardOutPath</key>", "  <string>\(Self.escaped(log))</string>",
      "  <key>StandardErrorPath</key>", "  <string>\(Self.escaped(log))</string>", "  <key>RunAtLoad</key>",
      "  <true/>",
    ]
    if request.restart == .onFailure {
      lines += ["  <key>KeepAlive</key>", "  <dict>", "    <key>SuccessfulExit</key>", "    <false/>", "  </dict>"]
    }
    lines += [
      "  <key>ThrottleInterval</key>", "  <integer>10</integer>", "  <key>ExitTimeOut</key>",
      "  <integer>\(request.stopSeconds)</integer>", "</dict>",
      "</plist>", "",
    ]
    return TargetFile(
      name: "\(label).plist", text: lines.joined(separator: "\n"), folder: "Library/LaunchAgents",
      start: "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/\(label).plist",
      stop: "launchctl bootout gui/$(id -u)/\(label)")
  }

  /// What the server writes, which launchd throws away unless told: it expands no `~`.
  private var log: String { "\(request.logFolder ?? "/tmp")/plimsoll-\(request.name).log" }

  private static func escaped(_ text: String) -> String {
    text.map { character -> String in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
  }
}
