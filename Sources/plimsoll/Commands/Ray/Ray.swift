import ArgumentParser
import Hub
import Deployment
import Platform
import Workflows

/// Jobs of an existing Ray cluster, over its HTTP interface.
struct RayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ray", abstract: "Run and watch jobs on a Ray cluster.",
    discussion: """
      Examples:
        plimsoll ray nodes --address http://head:8265
        plimsoll ray status plimsoll-my-model --address http://head:8265

      plimsoll deploy MODEL --target ray --address URL --apply submits a server. The token comes from \
      RAY_AUTH_TOKEN.
      """,
    subcommands: [Nodes.self, Submit.self, Status.self, JobLogs.self, StopJob.self])
}

/// Which cluster.
struct ClusterOption: ParsableArguments {
  @Option(help: ArgumentHelp("The cluster's address.", valueName: "url")) var address = "http://127.0.0.1:8265"

  var cluster: RayCluster {
    RayCluster(
      address: address, token: Workspace.ofCommand().environment["RAY_AUTH_TOKEN"], transport: CurlTransport())
  }
}
