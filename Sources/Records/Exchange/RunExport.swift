import Benchmarking

/// Forms in which a run leaves the store.
public enum RunExport: String, Hashable, Sendable, CaseIterable {
  /// Everything, as one document that `import` reads back.
  case json
  /// One line for each request, without the times of its tokens; `import` reads it back.
  case csv
  /// One JSON object for each request on a line, with the times of its tokens.
  case jsonLines = "jsonl"
  /// What `vllm bench serve --save-result --save-detailed` writes, so that its plots work: one load a file.
  case vllmBench = "vllm-bench"
  /// Rows as `llama-bench -o sql` prints them, for the loads of one stream and for engines' own benchmarks.
  case llamaBenchSQL = "llama-bench-sql"

  /// Writes the run in this form as one document.
  ///
  /// - Throws: `RecordError.refusedExport` where the form cannot hold the run.
  public func text(_ archive: RunArchive) throws -> String {
    switch self {
    case .json: return try StoredJSON.text(archive, pretty: true) + "\n"
    case .csv: return RequestTable.csv(archive.requests)
    case .jsonLines: return try archive.requests.map { try StoredJSON.text($0) + "\n" }.joined()
    case .vllmBench:
      guard archive.run.loads.count <= 1 else {
        throw RecordError.refusedExport(
          cause: "vLLM's form holds one load, and the run has \(archive.run.loads.count)",
          remedy: "name a file with --to, and one is written for each; or one load with --stage")
      }
      return try StoredJSON.text(VLLMBenchResult(archive), pretty: true) + "\n"
    case .llamaBenchSQL:
      let rows = LlamaBenchRow.rows(of: archive)
      guard !rows.isEmpty else {
        throw RecordError.refusedExport(
          cause:
            "llama-bench's form holds one stream, and the run has no load of concurrency 1 with completed requests",
          remedy: "measure one with --concurrency 1")
      }
      return rows.map(\.sql).reduce(LlamaBenchRow.table, +)
    }
  }

  /// The loads that this form leaves out of what it writes.
  public func leftOut(of archive: RunArchive) -> [String] {
    guard self == .llamaBenchSQL, archive.run.nativeResults.isEmpty else { return [] }
    return archive.run.stages.filter { $0.concurrency != 1 }.map(\.name)
  }

  /// Writes the run in this form as the documents that it takes; `stage` is nil where one holds all.
  public func files(_ archive: RunArchive) throws -> [(stage: String?, text: String)] {
    guard self == .vllmBench, archive.run.loads.count > 1 else { return [(nil, try text(archive))] }
    return try archive.run.loads.map { ($0, try text(archive.only($0))) }
  }
}

extension Run {
  /// The names of its loads; the blocks of an interleaved run are one.
  var loads: [String] { settings["interleaved"] == nil ? stages.map(\.name) : Array(stages.map(\.name).prefix(1)) }
}

extension RunArchive {
  /// The run with one of its loads alone, warm-up left out.
  public func only(_ stage: String) -> RunArchive {
    var archive = self
    archive.requests = requests.filter { $0.stage == stage }
    archive.run.stages = run.stages.filter { $0.name == stage }
    archive.run.takeHeadline()
    return archive
  }
}
