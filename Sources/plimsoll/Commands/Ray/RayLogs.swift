import Deployment
import ArgumentParser
import Platform

extension RayCommand {
  struct JobLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "logs", abstract: "Show a job's log.",
      usage: "plimsoll ray logs NAME [OPTIONS]",
      discussion: """
        Examples:
          plimsoll ray logs plimsoll-my-model
          plimsoll ray logs plimsoll-my-model --address http://head:8265
        """)
    @Argument(help: "The job's name.") var name: String
    @OptionGroup var option: ClusterOption

    func run() async throws { Terminal.result(try await option.cluster.logs(name)) }
  }
}
