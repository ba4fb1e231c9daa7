public import ArgumentParser
import Platform
public import Records
import Reporting
import Units
import Workflows

/// The runs that are stored on this machine.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, tag, export and import measured runs.",
    discussion: """
      Examples:
        plimsoll runs
        plimsoll runs show last --json
      """,
    subcommands: [
      List.self, Show.self, Tag.self, Note.self, Export.self, Import.self, Merge.self, Delete.self,
    ],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List runs, the latest first.",
      usage: "plimsoll runs list [OPTIONS]",
      discussion: """
        Examples:
          plimsoll runs list --limit 10
          plimsoll runs list --model smollm2 --valid
        """)
    @Option(help: "Only runs whose model or quantization contains this text.") var model: String?
    @Option(help: "Only runs on this engine.") var engine: String?
    @Option(help: "Only runs on this machine.") var machine: String?
    @Option(help: "Only runs with this tag.") var tag: String?
    @Option(help: "Only running, complete, incomplete or failed runs.") var status: Run.Status?
    @Flag(help: "Only runs whose figures are valid.") var valid = false
    @Option(help: "Only the latest n.") var limit: Int?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      var filter = RunFilter()
      filter.model = model
      filter.engine = engine
      filter.machine = machine
      filter.tag = tag
      filter.status = status
      filter.isValid = valid ? true : nil
      let none =
        filter == RunFilter()
        ? "No runs are stored. plimsoll run MODEL or plimsoll bench URL makes one." : "No stored run matches."
      filter.limit = limit
      let found = try RunStore.reading(path: Workspace.ofCommand().folders.database).list(filter)
      if json { return try JSONOutput.print(RunTable(found)) }
      Terminal.result(found.isEmpty ? none : RunTable(found).rendered())
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one run with its figures.",
      usage: "plimsoll runs show [RUN] [--json]",
      discussion: """
        Examples:
          plimsoll runs show last
          plimsoll runs show last-1 --json

        A run is named by its identifier, the start or end of it, last or last-1.
        """)
    @Argument(help: "The run: its identifier, an end of it, `last` or `last-1`.", completion: Completion.runs)
    var id = "last"
    @Flag(help: "Show every figure with its source.") var verbose = false
    @Flag(help: "Print JSON (plimsoll.run/1).") var json = false

    func run() async throws {
      let context = Workspace.ofCommand()
      let archive = try RunStore.reading(path: context.folders.database).archive(id).summarized
      if json { return try JSONOutput.print(archive.run) }
      guard verbose else { return Terminal.result(BenchScreen(archive.run, showsSubject: true).rendered()) }
      let report = RunReport([archive], createdAt: context.clock.wallSeconds())
      Terminal.result(try PlainReport().render(report))
    }
  }

  struct Tag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add or remove a run's tags.",
      usage: "plimsoll runs tag RUN [TAG...] [--remove TAG]",
      discussion: """
        Examples:
          plimsoll runs tag last nightly quiet
          plimsoll runs tag last --remove nightly
        """)
    @Argument(help: "The run.", completion: Completion.runs) var id: String
    @Argument(help: "Tags to add.") var tags: [String] = []
    @Option(name: .customLong("remove"), help: "A tag to take away; may be repeated.") var removed: [String] = []

    func run() async throws {
      try RunStore(path: Workspace.ofCommand().folders.database).tag(id, adding: tags, removing: removed)
    }
  }

  struct Note: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a run's note, or remove it.",
      usage: "plimsoll runs note RUN [WORDS...]",
      discussion: """
        Examples:
          plimsoll runs note last after the fan was cleaned
          plimsoll runs note last
        """)
    @Argument(help: "The run.", completion: Completion.runs) var id: String
    @Argument(help: "The words.") var words: [String] = []

    func run() async throws {
      let note = words.isEmpty ? nil : words.joined(separator: " ")
      try RunStore(path: Workspace.ofCommand().folders.database).note(id, note)
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete runs with their requests.",
      usage: "plimsoll runs delete RUN... [--force]",
      discussion: """
        Examples:
          plimsoll runs delete 20261122-2103
          plimsoll runs delete last --force
        """)
    @Argument(help: "The runs.", completion: Completion.runs) var ids: [String]
    @Flag(help: "Delete a run even while it is being measured.") var force = false

    func run() async throws {
      let store = try RunStore(path: Workspace.ofCommand().folders.database)
      let found = try ids.map { try store.identifier($0) }
      for id in found {
        try store.delete(id, force: force)
        Terminal.result("deleted \(id)")
      }
    }
  }
}

extension Run.Status: ExpressibleByArgument {}
