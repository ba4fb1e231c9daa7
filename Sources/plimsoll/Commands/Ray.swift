import ArgumentParser
import Deployment
import Hub
import Platform
import Reporting
import Units
import Workflows

/// Jobs of an existing Ray cluster, over its HTTP interface.
struct RayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ray", abstract: "Run and watch jobs on a Ray cluster.",
    discussion: """
      Examples:
        plimsoll ray nodes --address http://head:8265
        plimsoll ray status plimsoll-my-model --address http://head:8265

      plimsoll deploy MODEL --target ray --address URL --apply submits a server. The token is read from \
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

extension RayCommand {
  struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the cluster's machines and what they offer.",
      usage: "plimsoll ray nodes [OPTIONS]",
      discussion: """
        Examples:
          plimsoll ray nodes
          plimsoll ray nodes --address http://head:8265 --json
        """)
    @OptionGroup var option: ClusterOption
    @Flag(help: "Print JSON (plimsoll.nodes/1).") var json = false

    private struct Document: Encodable {
      var schema = "plimsoll.nodes/1"
      var nodes: [RayCluster.Node]
    }

    func run() async throws {
      let nodes = try await option.cluster.nodes()
      if json { return try JSONOutput.print(Document(nodes: nodes)) }
      var table = TextTable(["NODE", "STATE", "HEAD", ">CPU", ">GPU", "OTHER"])
      for node in nodes {
        let plain = ["CPU", "GPU", "memory", "objectStoreMemory"]
        let other = node.resources.keys.filter { !plain.contains($0) && !$0.hasPrefix("node:") }.sorted()
        table.add([
          printable(node.name), node.state, node.isHead ? "head" : "", amount(node, "CPU"), amount(node, "GPU"),
          printable(other.joined(separator: " ")),
        ])
      }
      Terminal.result(table.rendered())
    }

    private func amount(_ node: RayCluster.Node, _ name: String) -> String {
      (node.resources[name] ?? 0).formatted(decimals: 0)
    }
  }

  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run a command as a job, such as one shard of a benchmark.",
      usage: "plimsoll ray submit NAME [OPTIONS] -- COMMAND",
      discussion: """
        Examples:
          plimsoll ray submit shard-1 -- plimsoll bench http://server:8000 --shard 1/2
          plimsoll ray submit shard-2 --resource left=1 -- plimsoll bench http://server:8000 --shard 2/2

        The command must be installed on the node. Merge the shards with plimsoll runs merge.
        """)
    @Argument(help: "The job's name.") var name: String
    @OptionGroup var option: ClusterOption
    @Option(help: "A custom resource that the node must have, as NAME=AMOUNT; may be repeated.")
    var resource: [String] = []
    @Option(help: "A variable for the job, as NAME=VALUE; may be repeated.") var env: [String] = []
    @Argument(parsing: .postTerminator, help: "The command.") var words: [String]

    func run() async throws {
      var resources: [String: Double] = [:]
      for (name, value) in try pairs(resource) {
        guard let amount = Double(value), amount > 0 else { throw ValidationError("\(name)=\(value) is no amount") }
        resources[name] = amount
      }
      let variables = Dictionary(try pairs(env)) { $1 }
      let job = try await option.cluster.submit(words, name: name, resources: resources, environment: variables)
      Terminal.result(job)
    }

    private func pairs(_ texts: [String]) throws -> [(String, String)] {
      try texts.map { text in
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
          throw ValidationError("\(text) is not NAME=VALUE")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
      }
    }
  }

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
