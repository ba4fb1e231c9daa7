import Deployment
import ArgumentParser
import Platform

extension RayCommand {
  struct StopJob: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stop", abstract: "Stop a job.",
      usage: "plimsoll ray stop NAME [OPTIONS]",
      discussion: """
        Examples:
          plimsoll ray stop plimsoll-my-model
          plimsoll ray stop plimsoll-my-model --address http://head:8265
        """)
    @Argument(help: "The job's name.") var name: String
    @OptionGroup var option: ClusterOption

    func run() async throws {
      try await option.cluster.stop(name)
      Terminal.note("asked \(name) to stop")
    }
  }
}
