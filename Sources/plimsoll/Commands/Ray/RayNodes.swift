import ArgumentParser
import Deployment
import Platform
import Reporting
import Units

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
}
