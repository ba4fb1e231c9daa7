/// Forms in which a run leaves the store.
public enum RunExport: String, Hashable, Sendable, CaseIterable {
  /// Everything, as one document that `import` reads back.
  case json
  /// One line for each request, without the times of its tokens.
  case csv
  /// One JSON object for each request on a line, with the times of its tokens.
  case jsonLines = "jsonl"
  /// What `vllm bench serve --save-result --save-detailed` writes, so that its plots work.
  case vllmBench = "vllm-bench"
  /// Rows as `llama-bench -o sql` prints them.
  case llamaBenchSQL = "llama-bench-sql"

  /// Writes the run in this form.
  public func text(_ archive: RunArchive) throws -> String {
    switch self {
    case .json: try StoredJSON.text(archive, pretty: true) + "\n"
    case .csv: RequestTable.csv(archive.requests)
    case .jsonLines: try archive.requests.map { try StoredJSON.text($0) + "\n" }.joined()
    case .vllmBench: try StoredJSON.text(VLLMBenchResult(archive), pretty: true) + "\n"
    case .llamaBenchSQL: LlamaBenchRow.rows(of: archive).map(\.sql).reduce(LlamaBenchRow.table, +)
    }
  }
}
