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
  @Flag(help: "Show what would run, flag by flag with the reasons, and run nothing.") var print = false
  @Flag(help: "Print JSON: what was started, with --print the commands, with --target the files.") var json = false
}
