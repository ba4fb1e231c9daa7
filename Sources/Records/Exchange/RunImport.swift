import Benchmarking
public import Platform

/// Reads runs that other programs, or another store, have written.
public enum RunImport {
  /// Files larger than this are not read into memory.
  public static let sizeLimit = 1 << 30
  /// Runs of one file.
  static let mostRuns = 10_000

  /// Finds out what a file holds and makes runs of it: our own archive, lines or table of requests, llama-bench's JSON, JSON
  /// lines, CSV or SQL, results of vLLM's and SGLang's serving benchmarks, appended to each other or alone, GuideLLM's and
  /// AIPerf's.
  ///
  /// - Parameters:
  ///   - startedAt: the moment for a run that brings none, seconds since 1970.
  ///   - newID: makes the identifier of a run that brings none, from its place in the file.
  /// - Throws: `RecordError.refusedImport`, or `CancellationError`.
  public static func archives(
    from data: Data, file: String, startedAt: Double, newID: (_ place: Int) -> String
  ) throws -> [RunArchive] {
    guard data.count <= sizeLimit else { throw RecordError.refusedImport(file: file, cause: "it is larger than 1 GiB") }
    let documents = try documents(in: data, file: file)
    var archives: [RunArchive] = []
    var rows: [LlamaBenchRow] = []
    var requests: [RequestRecord] = []
    for document in documents {
      try Task.checkCancellation()
      let id = newID(archives.count + 1)
      switch document {
      case .archive(let archive): archives.append(try known(archive, file))
      case .llamaBench(let more): rows += more
      case .request(let request): requests.append(request)
      case .table(let rows): archives.append(try judged(RequestTable.archive(rows, id: id, startedAt: startedAt), file))
      case .serving(let result) where result.isRecognizable:
        archives.append(try judged(result.archive(id: id, startedAt: startedAt), file))
      case .guideLLM(let result) where !result.benchmarks.isEmpty:
        archives.append(try judged(result.archive(id: id, startedAt: startedAt), file))
      case .aiPerf(let result) where result.isRecognizable:
        archives.append(try judged(result.archive(id: id, startedAt: startedAt), file))
      case .serving, .guideLLM, .aiPerf, .unknown: throw unrecognized(file)
      }
      guard archives.count <= mostRuns else {
        throw RecordError.refusedImport(file: file, cause: "it holds more than \(mostRuns) runs")
      }
    }
    if !rows.isEmpty {
      let archive = LlamaBenchRow.archive(rows, id: newID(archives.count + 1), startedAt: startedAt)
      archives.append(try checked(archive, file).summarized)
    }
    if !requests.isEmpty {
      let id = newID(archives.count + 1)
      archives.append(try judged(RunArchive(requests: requests, id: id, startedAt: startedAt), file))
    }
    guard !archives.isEmpty else { throw unrecognized(file) }
    return archives
  }

  /// Makes the run of a file that holds one, as `archives` does.
  public static func archive(
    from data: Data, file: String, id: String, startedAt: Double
  ) throws -> RunArchive {
    let found = try archives(from: data, file: file, startedAt: startedAt) { _ in id }
    guard let only = found.first, found.count == 1 else {
      throw RecordError.refusedImport(file: file, cause: "it holds \(found.count) runs")
    }
    return only
  }

  /// The documents of a file: one, or one a line.
  private static func documents(in data: Data, file: String) throws -> [ImportedDocument] {
    let text = data.first { $0 > 32 }
    guard text == UInt8(ascii: "{") || text == UInt8(ascii: "[") else {
      let words = String(decoding: data, as: UTF8.self)
      if let rows = try RequestTable.rows(words, file: file), !rows.isEmpty { return [.table(rows)] }
      let rows = LlamaBenchText.sql(words) ?? LlamaBenchText.csv(words)
      guard let rows else { throw unrecognized(file) }
      return [.llamaBench(rows)]
    }
    if let whole = try? StoredJSON.value(ImportedDocument.self, from: data) { return [whole] }
    var found: [ImportedDocument] = []
    for line in data.split(separator: 10) where line.contains(where: { $0 > 32 }) {
      if found.count.isMultiple(of: 1024) { try Task.checkCancellation() }
      guard let document = try? StoredJSON.value(ImportedDocument.self, from: Data(line)) else {
        throw RecordError.refusedImport(file: file, cause: "line \(found.count + 1) is not JSON of a known form")
      }
      found.append(document)
    }
    return found
  }

  private static func unrecognized(_ file: String) -> RecordError {
    .refusedImport(
      file: file,
      cause:
        "it is none of: an exported run (json, jsonl, csv), llama-bench (json, jsonl, csv, sql), vllm bench serve --save-result, "
        + "SGLang bench_serving, GuideLLM's JSON, AIPerf's JSON")
  }

  private static func known(_ archive: RunArchive, _ file: String) throws -> RunArchive {
    guard archive.schema == RunArchive.schema else {
      throw RecordError.refusedImport(file: file, cause: "its schema \(archive.schema) is not \(RunArchive.schema)")
    }
    guard isPlain(archive.run.id) else {
      throw RecordError.refusedImport(file: file, cause: "its identifier is not a plain word")
    }
    return try checked(archive, file).summarized
  }

  /// Returns the archive; refuses one with figures that cannot be.
  private static func checked(_ archive: RunArchive, _ file: String) throws -> RunArchive {
    if let fault = archive.fault { throw RecordError.refusedImport(file: file, cause: fault) }
    return archive
  }

  private static func judged(_ archive: RunArchive, _ file: String) throws -> RunArchive {
    try checked(try checked(archive, file).judged, file).summarized
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
        settings: settings, requests: RequestEvidence(measuredRequests), summary: archive.run.summary, client: client))
    archive.run.validity = Validity(
      invalid: run.validity.invalid + found.invalid, doubtful: run.validity.doubtful + found.doubtful)
    return archive
  }
}
