import ArgumentParser
import Engines
import Hub
import Planning
import Platform
import Reporting
import Units
import Workflows

/// Which models this machine, or another, runs well.
struct RecommendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract: "List the models that a machine runs well, best first.",
    usage: "plimsoll recommend [OPTIONS]",
    discussion: """
      Examples:
        plimsoll recommend --for code
        plimsoll recommend --on "MacBook Air M2 16 GB" --license apache --context 32k
      """)
  @OptionGroup(title: "Objective") var objectives: ObjectiveOptions
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup(title: "Model") var filters: RecommendOptions
  @OptionGroup(title: "Output") var output: RecommendOutput

  func run() async throws {
    let workspace = machine.workspace()
    let use = objectives.use ?? .chat
    var recommender = Recommender(for: try await machine.machine(workspace), use: use, in: workspace)
    recommender.objective = objectives.resolved(for: Workload(), usual: use)
    recommender.isOnAcceleratorsOnly = objectives.gpuOnly
    recommender.filter = filters.filter(use)
    (recommender.limit, recommender.showsSlow) = (output.limit, output.all)
    let document = try recommender.recommended()
    if output.json {
      try JSONOutput.print(document)
    } else if output.csv {
      Terminal.document(document.csv(), end: "")
    } else {
      let screen = RecommendationScreen(document, explains: output.explain, isThisMachine: machine.expression == nil)
      Terminal.result(screen.rendered())
    }
    if document.models.isEmpty {
      throw Failure(
        .doesNotFit, .nothingToPlan, "no model of the catalogue fits \(document.machine) and these filters",
        remedy: "leave filters out, or lower --context or --min-speed")
    }
  }
}

/// How much of the list is printed, and how.
struct RecommendOutput: ParsableArguments {
  @Option(help: "The most models to list.") var limit = 10
  @Flag(help: "List models too that are slower than the least for the use.") var all = false
  @Flag(help: "Show the weights, the parts of each score and what was published.") var explain = false
  @Flag(help: "Print JSON (plimsoll.recommendation/1).") var json = false
  @Flag(help: "Print CSV.") var csv = false

  func validate() throws {
    if !(1...1000).contains(limit) { throw ValidationError("--limit is from 1 to 1000") }
    if json, csv { throw ValidationError("--json and --csv are two forms of the same list: give one") }
  }
}

/// Which models are considered.
struct RecommendOptions: ParsableArguments {
  @Option(name: [.long, .customLong("licence")], help: "Licenses that contain this text: apache, mit.")
  var license: String?
  @Option(help: "Makers that contain this text: google.") var maker: String?
  @Option(help: "Released on this day or later: 2025, 2025-06.") var since: String?
  @Option(help: "Fewest parameters: 500M, 7B.") var minParameters: ParameterCount?
  @Option(help: "Most parameters.") var maxParameters: ParameterCount?
  @Option(help: "Tokens of context that have to fit: 32768 or 32k.") var context: TokenCount?
  @Flag(help: "Vision models only.") var vision = false
  @Flag(help: "Models that call tools only.") var tools = false
  @Flag(help: "Models of many languages only.") var multilingual = false

  func filter(_ use: Use) -> RecommendationFilter {
    var filter = RecommendationFilter()
    filter.use = use
    (filter.license, filter.maker, filter.since) = (license, maker, since)
    (filter.leastParameters, filter.mostParameters) = (minParameters?.value, maxParameters?.value)
    filter.leastContext = context?.tokens
    (filter.seesImages, filter.callsTools, filter.isMultilingual) = (vision, tools, multilingual)
    return filter
  }
}
