public import ArgumentParser
import Platform
public import Profiles
import Reporting
import Workflows

extension Machines {
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalogue and your own profiles.",
      usage: "plimsoll machines list [TEXT] [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines list rtx
          plimsoll machines list "MacBook Air M2"
          plimsoll machines list --kind machines --maker apple
        """)
    @Argument(help: "Only names that contain this text.") var text: String?
    @Option(
      help: ArgumentHelp(
        "Only one kind: \(Profiles.Shelf.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
    var kind: Profiles.Shelf?
    @Option(help: ArgumentHelp("Only of this maker or provider.", valueName: "name")) var maker: String?
    @Flag(help: "Show every name.") var verbose = false
    @Flag(name: .customLong("all"), help: "Show the figures of every entry.") var showsAll = false
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let workspace = names.workspace()
      let question = CatalogueQuestion(
        text: text, kind: kind, maker: maker,
        isNamesOnly: text == nil && kind == nil && maker == nil && !showsAll && !json)
      let list = try workspace.machines(question)
      if json { return try JSONOutput.print(list.table) }
      Terminal.result(list.rendered(showsNames: verbose, showsAll: showsAll, width: workspace.terminal.width))
    }
  }
}

extension Profiles.Shelf: ExpressibleByArgument {}
