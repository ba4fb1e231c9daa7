import ArgumentParser
import Platform
import Reporting
import Workflows

extension TargetDocument {
  /// What was written, by its path; what was not, in full with what to do with it.
  func show() {
    for file in files {
      if let path = file.path {
        Terminal.result(path)
      } else {
        Terminal.document(file.text)
        Terminal.note("# \(file.name): \(file.usage)")
      }
    }
  }
}

/// What is shown of a deployment instead of, or after, starting it.
struct DeployOutput: ParsableArguments {
  @Flag(help: "Print the command, and run nothing.") var print = false
  @Flag(help: "With --print: give a reason for each flag.") var explain = false
  @Flag(help: "Print JSON: what was started, printed or written.") var json = false

  func validate() throws {
    if explain, !print { throw ValidationError("--explain needs --print") }
  }

  static let more = "--explain gives the reason for each flag."
}
