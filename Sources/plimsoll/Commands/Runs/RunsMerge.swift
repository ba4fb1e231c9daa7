import Benchmarking
import ArgumentParser
import Platform
import Records
import Units
import Workflows

extension Runs {
  /// Joins shards.
  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Join the shards of one load into a run.",
      usage: "plimsoll runs merge RUN RUN...",
      discussion: """
        Examples:
          plimsoll runs merge last-1 last
          plimsoll runs merge 20261122-2103-a1b2c3 20261122-2103-d4e5f6

        Exit code 6: the figures are invalid, or a goal was missed.
        """)
    @Argument(help: ArgumentHelp("The shards' runs.", valueName: "run"), completion: Completion.runs) var ids: [String]

    func run() async throws {
      let context = Workspace.ofCommand()
      let store = try RunStore(path: context.folders.database)
      let shards = try ids.map { try store.archive($0) }
      let merged = try RunMerge.merged(shards, id: Run.newID(at: context.clock.wallSeconds()))
      try store.add(merged, origin: .merged)
      Terminal.result(merged.run.id)
      for reason in merged.run.validity.reasons { Terminal.note("plimsoll: \(reason.message) [\(reason.code)]") }
      try BenchVerdict(merged.run, goals: merged.run.benchmark?.goals ?? []).check()
    }
  }
}
