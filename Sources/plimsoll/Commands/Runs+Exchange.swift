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
    @Argument(help: "The run.", completion: Completion.runs) var id = "last"
    @Option(help: "json, csv, jsonl, vllm-bench or llama-bench-sql.") var format = RunExport.json
    @Option(name: .customLong("to"), help: "The file; standard output where none is named.") var file: String?

    @Option(help: ArgumentHelp("One load of the run alone, such as \"concurrency 4\".", valueName: "load"))
    var stage: String?

    func run() async throws {
      var archive = try RunStore.reading(path: Workspace.ofCommand().folders.database).archive(id).summarized
      if let stage {
        guard archive.run.stages.contains(where: { $0.name == stage }) else {
          let names = archive.run.stages.map(\.name).joined(separator: ", ")
          throw Failure(.usage, .wrongUsage, "the run has no load \(stage)", remedy: "choose one of: \(names)")
        }
        archive = archive.only(stage)
      }
      guard let file else {
        let text = try format.text(archive)
        return Terminal.document(text.hasSuffix("\n") ? String(text.dropLast()) : text)
      }
      for part in try format.files(archive) {
        let path = part.stage.map { Self.path(file, of: $0) } ?? file
        do {
          try Data(part.text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
          throw Failure(.failed, .exportNotWritable, "cannot write \(path)")
        }
        Terminal.result(path)
      }
    }

    /// `result-concurrency-4.json`: the file of one load.
    private static func path(_ file: String, of stage: String) -> String {
      let word = String(stage.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
      guard let dot = file.lastIndex(of: "."), !file[dot...].contains("/") else { return "\(file)-\(word)" }
      return "\(file[..<dot])-\(word)\(file[dot...])"
    }
  }

  /// Reads runs into the store.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import runs, also of other programs.",
      usage: "plimsoll runs import FILE... [--tag TAG]",
      discussion: """
        Examples:
          plimsoll runs import llama-bench.json
          plimsoll runs import *.json --tag partner

        Read are exported runs, and the results of llama-bench (json, jsonl, csv, sql), vllm bench serve,
        SGLang bench_serving, GuideLLM and AIPerf.
        """)
    @Argument(help: "The files.", completion: .file()) var files: [String]
    @Option(help: "A tag for the runs.") var tag: String?

    func run() async throws {
      let context = Workspace.ofCommand()
      let store = try RunStore(path: context.folders.database)
      for file in files {
        // A pipe or a device has no end that could be known.
        guard try MappedFile(file).size <= RunImport.sizeLimit else {
          throw RecordError.refusedImport(file: file, cause: "it is larger than 1 GiB")
        }
        guard let data = try? Data(contentsOf: URL(filePath: file), options: .mappedIfSafe) else {
          throw RecordError.refusedImport(file: file, cause: "it cannot be read")
        }
        let now = context.clock.wallSeconds()
        let archives = try RunImport.archives(from: data, file: file, startedAt: now) { _ in Run.newID(at: now) }
        for archive in archives {
          try Task.checkCancellation()
          try store.add(archive, origin: .imported)
          if let tag { try store.tag(archive.run.id, adding: [tag]) }
          Terminal.result("\(archive.run.id)  \(printable(archive.run.model?.name ?? archive.run.target))")
        }
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
    @Argument(help: "The shards.", completion: Completion.runs) var ids: [String]

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
