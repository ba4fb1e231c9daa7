public import Platform
import Benchmarking

/// Reads runs that other programs, or another store, have written.
public enum RunImport {
  /// Files larger than this are not read into memory.
  public static let sizeLimit = 1 << 30

  /// Finds out what a file holds and makes a run of it: our own archive, llama-bench's JSON, the result of vLLM's serving
  /// benchmark, or GuideLLM's.
  ///
  /// - Parameters:
  ///   - id: the identifier for a run that brings none.
  ///   - startedAt: the moment for a run that brings none, seconds since 1970.
  /// - Throws: `RecordError.refusedImport`.
  public static func archive(
    from data: Data, file: String, id: String, startedAt: Double
  ) throws(RecordError) -> RunArchive {
    try checked(try decoded(data, file: file, id: id, startedAt: startedAt), file: file).summarized
  }

  /// Returns the archive; refuses one with figures that cannot be.
  private static func checked(_ archive: RunArchive, file: String) throws(RecordError) -> RunArchive {
    if let fault = archive.fault { throw .refusedImport(file: file, cause: fault) }
    return archive
  }

  private static func decoded(
    _ data: Data, file: String, id: String, startedAt: Double
  ) throws(RecordError) -> RunArchive {
    guard data.count <= sizeLimit else { throw .refusedImport(file: file, cause: "it is larger than 1 GiB") }
    if let archive = try? StoredJSON.value(RunArchive.self, from: data) {
      guard archive.schema == RunArchive.schema else {
        throw .refusedImport(file: file, cause: "its schema \(archive.schema) is not \(RunArchive.schema)")
      }
      guard isPlain(archive.run.id) else {
        throw .refusedImport(file: file, cause: "its identifier is not a plain word")
      }
      return archive
    }
    if let rows = try? StoredJSON.value([LlamaBenchRow].self, from: data), rows.contains(where: { $0.avg_ns != nil }) {
      return LlamaBenchRow.archive(rows, id: id, startedAt: startedAt)
    }
    return try checked(try served(data, file: file, id: id, startedAt: startedAt), file: file).judged
  }

  /// The result of another program that measures servers.
  private static func served(
    _ data: Data, file: String, id: String, startedAt: Double
  ) throws(RecordError) -> RunArchive {
    if let result = try? StoredJSON.value(VLLMBenchResult.self, from: data), result.isRecognizable {
      return result.archive(id: id, startedAt: startedAt)
    }
    if let result = try? StoredJSON.value(GuideLLMResult.self, from: data), !result.benchmarks.isEmpty {
      return result.archive(id: id, startedAt: startedAt)
    }
    throw .refusedImport(
      file: file,
      cause: "it is none of: an exported run, llama-bench -o json, vllm bench serve --save-result, GuideLLM's JSON")
  }

  private static func isPlain(_ id: String) -> Bool {
    !id.isEmpty && id.count <= 64 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }
}

extension RunArchive {
  /// The archive with the doubts that its own requests and counts raise; the program that measured them told none.
  fileprivate var judged: RunArchive {
    var archive = summarized
    var settings = BenchmarkSettings(stages: [], cache: .measured)
    settings.fixedOutputLength = false
    // How late the other program was is not in its file.
    let client = ClientHealth(
      dispatchLateness: Distribution(count: 0), longestStall: 0, busyShare: 0, eventsPerRead: 0)
    let found = Validity(
      judging: ValidityEvidence(
        settings: settings, requests: measuredRequests, summary: archive.run.summary, client: client))
    archive.run.validity = Validity(
      invalid: run.validity.invalid + found.invalid, doubtful: run.validity.doubtful + found.doubtful)
    return archive
  }
}
