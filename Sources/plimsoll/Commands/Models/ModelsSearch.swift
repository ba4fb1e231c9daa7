import Hub
import ArgumentParser
import Platform
import Reporting
import Units
import Workflows

struct ModelsSearch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find models on the Hub.",
    usage: "plimsoll models search TEXT [OPTIONS]",
    discussion: """
      Examples:
        plimsoll models search smollm --format gguf --files
        plimsoll models search qwen3 --fits --on "rtx-4090, 64 GiB"
      """)
  @Argument(help: "Words of the name.") var text: String
  @OptionGroup var filter: ModelSearchOptions
  @Flag(help: "List the quantizations with their sizes.") var files = false
  @Flag(help: "Plan each on this machine, or on that of --on.") var fits = false
  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if machine.expression != nil, !fits { throw ValidationError("--on is the machine of --fits: add that") }
  }

  func run() async throws {
    let context = machine.workspace()
    let client = context.hubClient()
    let target = fits ? try await machine.machine(context) : nil
    let planner = target.map { RepositoryPlanner(for: $0, client: client, in: context) }
    var document = SearchDocument(try await client.search(filter.search(text)))
    if files || fits {
      let found = try await client.files(of: document.repositories.map(\.repository))
      try await document.add(found, planner: planner)
    }
    document.cost = client.ledger.totals
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
    if let reason = document.incomplete, !json {
      Terminal.note("the list is not complete: \(printable(reason.message)) [\(reason.code)]")
      if let remedy = reason.remedy { Terminal.note(printable(remedy)) }
    }
  }
}
