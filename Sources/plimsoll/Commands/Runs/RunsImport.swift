import Planning
import ArgumentParser
import Foundation
import Platform
import Records
import Units
import Workflows

extension Runs {
  /// Reads runs into the store.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import runs from files of this program and others.",
      usage: "plimsoll runs import FILE... [--tag TAG]",
      discussion: """
        Examples:
          plimsoll runs import llama-bench.json
          plimsoll runs import *.json --tag partner

        Reads exported runs (json, jsonl, csv) and results of llama-bench (JSON, JSONL, CSV, SQL), vllm bench serve, SGLang \
        bench_serving, GuideLLM and AIPerf.
        """)
    @Argument(help: ArgumentHelp("Files.", valueName: "file"), completion: .file()) var files: [String]
    @Option(help: "Tag for the runs.") var tag: String?

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
}
