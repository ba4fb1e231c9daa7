public import ArgumentParser
public import Hub
public import Models
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// Lists the models that are known by name.
struct ModelsCatalogue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalogue",
    abstract: "List the models that are known by name, newest first.",
    usage: "plimsoll models catalogue [TEXT] [OPTIONS]",
    discussion: """
      Examples:
        plimsoll models catalogue --task code --max-parameters 40B
        plimsoll models catalogue qwen3 --license apache --json
      """)
  @Argument(help: "Only names that contain this text.") var text: String?
  @Option(help: "For: chat, code, reasoning, vision, tool-use, multilingual, embedding, reranking.")
  var task: ModelEntry.Use?
  @Option(name: [.long, .customLong("licence")], help: "License contains this text, such as apache.")
  var license: String?
  @Option(help: "Maker contains this text, such as google.") var maker: String?
  @Option(help: ArgumentHelp("Fewest parameters, such as 7B.", valueName: "n")) var minParameters: ParameterCount?
  @Option(help: ArgumentHelp("Most parameters, such as 32B.", valueName: "n")) var maxParameters: ParameterCount?
  @Option(help: ArgumentHelp("Released since, such as 2025 or 2025-06.", valueName: "date")) var since: String?
  @Option(help: ArgumentHelp("Rows of the table.", valueName: "n")) var limit = 16
  @OptionGroup var names: CatalogueOption
  @Flag(help: "Print JSON (plimsoll.catalogue/1).") var json = false

  func run() async throws {
    let catalogue = names.workspace().catalogue().modelCatalogue()
    let all = try catalogue.entries()
    let shown = all.filter(isWanted).sorted { ($1.released ?? "", $0.name) < ($0.released ?? "", $1.name) }
    if json { return try JSONOutput.print(CatalogueDocument(shown, of: all.count)) }
    Terminal.result(CatalogueScreen(shown, of: all.count, limit: limit).rendered())
  }

  func validate() throws {
    try RecommendOptions.checkDay(since)
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
  }

  private func isWanted(_ entry: ModelEntry) -> Bool {
    func holds(_ value: String?, _ part: String?) -> Bool {
      part.map { (value ?? "").plain.contains($0.plain) } ?? true
    }
    return (holds(entry.name, text) || holds(entry.repository, text)) && holds(entry.license, license)
      && holds(entry.maker, maker) && (task.map { entry.uses.contains($0) } ?? true)
      && (minParameters.map { Double(entry.parameters) >= $0.value } ?? true)
      && (maxParameters.map { Double(entry.parameters) <= $0.value } ?? true)
      && (since.map { (entry.released ?? "") >= $0 } ?? true)
  }
}

extension ModelEntry.Use: ExpressibleByArgument {}

extension ParameterCount: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
