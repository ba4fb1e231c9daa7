public import ArgumentParser
import Benchmarking
import Foundation
import Planning
import Platform
public import Records
import Units
import Workflows

extension Runs {
  /// Writes a run out of the store.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Export a run: JSON, CSV, vLLM's or llama-bench's form.",
      usage: "plimsoll runs export [RUN] [OPTIONS]",
      discussion: """
        Examples:
          plimsoll runs export last --format csv
          plimsoll runs export last --format vllm-bench --to result.json
        """)
    @Argument(help: "The run.") var id = "last"
    @Option(help: "json, csv, jsonl, vllm-bench or llama-bench-sql.") var format = RunExport.json
    @Option(name: .customLong("to"), help: "The file; standard output where none is named.") var file: String?

    func run() async throws {
      let archive = try RunStore(path: Workspace.ofCommand().folders.database).archive(id).summarized
      let text = try format.text(archive)
      guard let file else { return Terminal.document(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
      do {
        try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
      } catch {
        throw Failure(.failed, .exportNotWritable, "cannot write \(file)")
      }
      Terminal.result(file)
    }
  }

  /// Reads runs into the store.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import runs, also of llama-bench, vLLM and GuideLLM.",
      usage: "plimsoll runs import FILE... [--tag TAG]",
      discussion: """
        Examples:
          plimsoll runs import llama-bench.json
          plimsoll runs import *.json --tag partner
        """)
    @Argument(help: "The files.") var files: [String]
    @Option(help: "A tag for the runs.") var tag: String?

    func run() async throws {
      let context = Workspace.ofCommand()
      let store = try RunStore(path: context.folders.database)
      for file in files {
        guard let data = try? Data(contentsOf: URL(filePath: file), options: .mappedIfSafe) else {
          throw RecordError.refusedImport(file: file, cause: "it cannot be read")
        }
        let now = context.clock.wallSeconds()
        let archive = try RunImport.archive(from: data, file: file, id: Run.newID(at: now), startedAt: now)
        try store.add(archive, origin: .imported)
        if let tag { try store.tag(archive.run.id, adding: [tag]) }
        Terminal.result("\(archive.run.id)  \(printable(archive.run.model?.name ?? archive.run.target))")
      }
    }
  }

  /// Joins shards.
  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Join the shards of one load into a run.",
      usage: "plimsoll runs merge RUN RUN...",
      discussion: """
        Examples:
          plimsoll runs merge last-1 last
          plimsoll runs merge 20261122-2103-a1b2c3 20261122-2103-d4e5f6

        Goals are judged over all shards together. Exit code 6: the figures are invalid or a goal was missed.
        """)
    @Argument(help: "The shards.") var ids: [String]

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

extension RunExport: ExpressibleByArgument {}
