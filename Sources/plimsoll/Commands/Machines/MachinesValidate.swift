import ArgumentParser
import Hardware
import Platform
import Reporting
import Units
import Workflows

extension Machines {
  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check profile files; exit code 4 where one is wrong.",
      usage: "plimsoll machines validate FILE... [--json]",
      discussion: """
        Examples:
          plimsoll machines validate my-server.yaml
          plimsoll machines validate profiles/*.yaml --json
        """)
    @Argument(help: ArgumentHelp("Profiles.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]
    @Flag(help: "Print JSON (plimsoll.machine-validation/1).") var json = false

    func run() async throws {
      let verdicts = ProfileVerdicts(files: files.map { ProfileVerdict(file: $0) })
      if json { try JSONOutput.print(verdicts) } else { Terminal.result(verdicts.rendered()) }
      guard verdicts.wrong > 0 else { return }
      throw Failure(
        .refusedInput, .invalidProfile,
        "\(verdicts.wrong) of \(files.count) \(files.count == 1 ? "profile" : "profiles") wrong",
        remedy: ProfileError.example)
    }
  }
}
