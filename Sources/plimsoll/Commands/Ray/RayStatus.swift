import ArgumentParser
import Deployment
import Platform
import Reporting
import Units

extension RayCommand {
  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a job's state.",
      usage: "plimsoll ray status NAME [OPTIONS]",
      discussion: """
        Examples:
          plimsoll ray status plimsoll-my-model
          plimsoll ray status plimsoll-my-model --json
        """)
    @Argument(help: "The job's name.") var name: String
    @OptionGroup var option: ClusterOption
    @Flag(help: "Print JSON (plimsoll.job/1).") var json = false

    private struct Document: Encodable {
      var schema = "plimsoll.job/1"
      var name: String
      var job: RayCluster.Status
    }

    func run() async throws {
      let status = try await option.cluster.status(name)
      if json { return try JSONOutput.print(Document(name: name, job: status)) }
      Terminal.result("\(name)  \(status.status)  \(printable(status.message ?? ""))")
    }
  }
}
