import Deployment
import ArgumentParser
import Platform
import Units

extension RayCommand {
  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run a command as a job, such as one shard of a benchmark.",
      usage: "plimsoll ray submit NAME [OPTIONS] -- COMMAND",
      discussion: """
        Examples:
          plimsoll ray submit shard-1 -- plimsoll bench http://server:8000 --shard 1/2
          plimsoll ray submit shard-2 --resource left=1 -- plimsoll bench my-server

        The command must be installed on the node. Merge the shards with plimsoll runs merge.
        """)
    @Argument(help: "The job's name.") var name: String
    @OptionGroup var option: ClusterOption
    @Option(help: ArgumentHelp("Resource the node must have; repeatable.", valueName: "name=amount"))
    var resource: [String] = []
    @Option(help: ArgumentHelp("Environment variable; repeatable.", valueName: "name=value")) var env: [String] = []
    @Argument(parsing: .postTerminator, help: "The command.") var words: [String]

    func run() async throws {
      var resources: [String: Double] = [:]
      for (name, value) in try pairs(resource) {
        guard let amount = Double(value), amount > 0 else { throw ValidationError("\(name)=\(value) is not an amount") }
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
}
