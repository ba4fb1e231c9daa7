public import ArgumentParser
import Platform
public import Records
import Reporting
import Units

/// The runs that are stored on this machine.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, tag, export, import, merge and delete stored runs.",
    discussion: "Example: plimsoll runs show last --json",
    subcommands: [
      List.self, Show.self, Tag.self, Note.self, Export.self, Import.self, Merge.self, Delete.self,
    ],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List runs, the latest first.", discussion: "Example: plimsoll runs list --model smollm2 --limit 10")
    @Option(help: "Only runs whose model or quantization contains this text.") var model: String?
    @Option(help: "Only runs on this engine.") var engine: String?
    @Option(help: "Only runs on this machine.") var machine: String?
    @Option(help: "Only runs with this tag.") var tag: String?
    @Option(help: "Only running, complete, incomplete or failed runs.") var status: Run.Status?
    @Flag(help: "Only runs whose figures are valid.") var valid = false
    @Option(help: "The latest so many.") var limit: Int?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      var filter = RunFilter()
      filter.model = model
      filter.engine = engine
      filter.machine = machine
      filter.tag = tag
      filter.status = status
      filter.isValid = valid ? true : nil
      let none = filter == RunFilter() ? "no runs are stored" : "no stored run is like that"
      filter.limit = limit
      let found = try RunStore(path: CommandContext().folders.database).list(filter)
      if json { return try JSONOutput.print(RunListDocument(runs: found)) }
      Terminal.result(found.isEmpty ? none : printableLines(runTable(found).rendered()))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one run with its figures.",
      discussion: "Example: plimsoll runs show last\nThe JSON form is `plimsoll.run/1`.")
    @Argument(help: "The run: its identifier, an end of it, `last` or `last-1`.") var id = "last"
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let context = CommandContext()
      let archive = try RunStore(path: context.folders.database).archive(id).summarized
      if json { return try JSONOutput.print(archive.run) }
      let report = RunReport([archive], createdAt: context.clock.wallSeconds())
      Terminal.result(try PlainReport().render(report))
    }
  }

  struct Tag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add tags to a run, or take them away.", discussion: "Example: plimsoll runs tag last nightly quiet")
    @Argument(help: "The run.") var id: String
    @Argument(help: "Tags to add.") var tags: [String] = []
    @Option(name: .customLong("remove"), help: "A tag to take away; may be repeated.") var removed: [String] = []

    func run() async throws {
      try RunStore(path: CommandContext().folders.database).tag(id, adding: tags, removing: removed)
    }
  }

  struct Note: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the note of a run; without words it is taken away.",
      discussion: "Example: plimsoll runs note last after the fan was cleaned")
    @Argument(help: "The run.") var id: String
    @Argument(help: "The words.") var words: [String] = []

    func run() async throws {
      let note = words.isEmpty ? nil : words.joined(separator: " ")
      try RunStore(path: CommandContext().folders.database).note(id, note)
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete runs with all that belongs to them.", discussion: "Example: plimsoll runs delete 20261122-2103")
    @Argument(help: "The runs.") var ids: [String]
    @Flag(help: "Delete a run even while it is being measured.") var force = false

    func run() async throws {
      let store = try RunStore(path: CommandContext().folders.database)
      let found = try ids.map { try store.identifier($0) }
      for id in found {
        try store.delete(id, force: force)
        Terminal.result("deleted \(id)")
      }
    }
  }
}

extension Run.Status: ExpressibleByArgument {}

/// Runs as `runs list --json` prints them.
private struct RunListDocument: Encodable {
  var schema = "plimsoll.runs/1"
  var runs: [RunListing]
}

/// Text of several lines without characters that could steer a terminal.
private func printableLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(separator: "\n")
}

/// The list at a glance; a run that is not valid has an exclamation mark.
private func runTable(_ runs: [RunListing]) -> TextTable {
  var table = TextTable(
    [
      "run", "started (UTC)", "status", "model", "engine", "machine", ">output tok/s", ">TTFT", ">TPOT", ">requests",
      ">errors", "tags and note",
    ], optional: ["errors", "requests", "engine", "status", "TPOT"])
  for run in runs {
    let words = run.tags.map { "#\($0)" } + [run.note].compactMap { $0 }
    // Without the warm-up, but of a run that was killed, which was never summed up.
    let ended = run.completed + run.errors
    table.add([
      run.id, String(isoTimestamp(run.startedAt).prefix(16)), run.status.rawValue + (run.isValid ? "" : " !"),
      [run.model ?? run.target, run.quantization].compactMap { $0 }.joined(separator: " "), run.engine ?? "",
      run.machine ?? "", run.outputTokensPerSecond?.formatted(significant: 3) ?? "",
      run.timeToFirstToken.map(formattedSeconds) ?? "", run.timePerOutputToken.map(formattedSeconds) ?? "",
      "\(ended > 0 ? ended : run.requests)", "\(run.errors)", words.joined(separator: " "),
    ])
  }
  return table
}
