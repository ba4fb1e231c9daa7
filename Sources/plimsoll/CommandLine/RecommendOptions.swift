import ArgumentParser
import Hub
import Models
import Planning
import Workflows

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
  @Option(help: ArgumentHelp("What it must also be good at: code, reasoning, vision, multilingual.", valueName: "task"))
  var task: ModelEntry.Use?
  @Option(help: "Makers that contain this text: google.") var maker: String?
  @Option(help: "Released on this day or later: 2025, 2025-06.") var since: String?
  @Option(help: "Fewest parameters: 500M, 7B.") var minParameters: ParameterCount?
  @Option(help: "Most parameters.") var maxParameters: ParameterCount?
  @Option(help: "Tokens of context that have to fit: 32768 or 32k.") var context: TokenCount?
  @Flag(help: "Vision models only.") var vision = false
  @Flag(name: [.long, .customLong("tool-use")], help: "Models that call tools only.") var tools = false
  @Flag(help: "Models of many languages only.") var multilingual = false

  func validate() throws {
    try Self.checkDay(since)
    if let least = minParameters, let most = maxParameters, least.value > most.value {
      throw ValidationError("--min-parameters is more than --max-parameters")
    }
    if context?.tokens == 0 { throw ValidationError("--context is 1 or more tokens") }
  }

  /// Refuses what is no date, which everything would come before or after.
  static func checkDay(_ text: String?) throws {
    guard let text, text.wholeMatch(of: /\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?/) == nil else { return }
    throw ValidationError("--since is a year, a month or a day: 2025, 2025-06, 2025-06-30")
  }

  func filter(_ use: Use) -> RecommendationFilter {
    var filter = RecommendationFilter()
    filter.use = use
    (filter.license, filter.maker, filter.since) = (license, maker, since)
    (filter.leastParameters, filter.mostParameters) = (minParameters?.value, maxParameters?.value)
    filter.leastContext = context?.tokens
    filter.task = task
    (filter.seesImages, filter.callsTools, filter.isMultilingual) = (vision, tools, multilingual)
    return filter
  }
}
