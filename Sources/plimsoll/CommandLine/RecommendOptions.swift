import ArgumentParser
import Hub
import Models
import Planning
import Workflows

/// How much of the list is printed, and how.
struct RecommendOutput: ParsableArguments {
  @Option(help: ArgumentHelp("The most models to list.", valueName: "n")) var limit = 10
  @Flag(help: "List models that are too slow for the use too.") var all = false
  @Flag(help: "Show how each score is made.") var explain = false
  @Flag(help: "Print JSON (plimsoll.recommendation/1).") var json = false
  @Flag(help: "Print CSV.") var csv = false

  func validate() throws {
    if !(1...1000).contains(limit) { throw ValidationError("--limit is from 1 to 1000") }
    if json, csv { throw ValidationError("--json and --csv are two forms of the same list: give one") }
  }
}

/// Which models are considered.
struct RecommendOptions: ParsableArguments {
  @Option(name: [.long, .customLong("licence")], help: "License contains this text, such as apache.")
  var license: String?
  @Option(help: ArgumentHelp("Also good at.", valueName: "task"))
  var task: ModelEntry.Use?
  @Option(help: "Maker contains this text, such as google.") var maker: String?
  @Option(help: ArgumentHelp("Released since, such as 2025 or 2025-06.", valueName: "date")) var since: String?
  @Option(help: ArgumentHelp("Fewest parameters, such as 7B.", valueName: "n")) var minParameters: ParameterCount?
  @Option(help: ArgumentHelp("Most parameters, such as 32B.", valueName: "n")) var maxParameters: ParameterCount?
  @Option(help: ArgumentHelp("Context that has to fit, such as 32k.", valueName: "tokens")) var context: TokenCount?
  @Flag(help: "Only vision models.") var vision = false
  @Flag(name: [.long, .customLong("tool-use")], help: "Only models that call tools.") var tools = false
  @Flag(help: "Only multilingual models.") var multilingual = false

  func validate() throws {
    try Self.checkDay(since)
    if let least = minParameters, let most = maxParameters, least.value > most.value {
      throw ValidationError("--min-parameters is more than --max-parameters")
    }
    if context?.tokens == 0 { throw ValidationError("--context is 1 or more tokens") }
  }

  /// Refuses what is no date, which everything would come before or after.
  static func checkDay(_ text: String?) throws {
    guard let text, !RecommendationFilter.isDay(text) else { return }
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
