import Deployment
import Engines
import Planning
import Reporting
import Units

/// The command of a plan's option as a person reads it: each flag with its reason.
struct LaunchDescription {
  private let launch: LaunchConfiguration?

  init(_ option: PlanOption, name: String?, host: String, port: Int) {
    let names = EngineCatalogue.engine(option.engine).operation.address
    launch = option.launch?.addressed(to: ServerAddress(host: host, port: port, alias: name), by: names)
  }

  /// The command alone.
  func command() -> String {
    guard let launch else { return "nothing to run" }
    var lines = launch.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(shellQuoted($0.value)) \\" }
    if let wrapper = launch.wrapper {
      lines.append(wrapper.words.map { shellQuoted($0) }.joined(separator: " ") + " \\")
    }
    lines.append(([launch.program] + launch.arguments.map { shellQuoted($0) }).joined(separator: " "))
    return lines.joined(separator: "\n")
  }

  func text() -> String {
    guard let launch else { return command() }
    var table = TextTable(["FLAG", "REASON"])
    for flag in (launch.wrapper.map { [$0] } ?? []) + launch.flags {
      table.add([flag.words.map(Self.short).joined(separator: " "), flag.reason])
    }
    return command() + "\n\n" + table.rendered()
  }

  /// A long path by its last part: the command above has it whole.
  private static func short(_ word: String) -> String {
    guard word.count > 40, let last = word.split(separator: "/").last, last.count < word.count else { return word }
    return ".../\(last)"
  }
}
