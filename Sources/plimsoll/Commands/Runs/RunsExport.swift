import Benchmarking
public import ArgumentParser
import Foundation
import Platform
public import Records
import Units
import Workflows

extension Runs {
  /// Writes a run out of the store.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Export a run as JSON, CSV, or in vLLM's or llama-bench's format.",
      usage: "plimsoll runs export [RUN] [OPTIONS]",
      discussion: """
        Examples:
          plimsoll runs export last --format csv
          plimsoll runs export last --format vllm-bench --to result.json
        """)
    @Argument(help: ArgumentHelp("A run.", valueName: "run"), completion: Completion.runs) var id = "last"
    @Option(help: "json, csv, jsonl, vllm-bench or llama-bench-sql.") var format = RunExport.json
    @Option(name: .customLong("to"), help: ArgumentHelp("Write to this file.", valueName: "file")) var file: String?

    @Option(help: ArgumentHelp("Only this load, such as \"concurrency 4\".", valueName: "load"))
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
      let left = format.leftOut(of: archive)
      defer {
        if !left.isEmpty {
          Terminal.note("Left out, as \(format.rawValue) holds one stream: \(printable(left.joined(separator: ", ")))")
        }
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
}

extension RunExport: ExpressibleByArgument {}
