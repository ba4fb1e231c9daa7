import Platform
import Benchmarking
import GRDB

/// How a request is written to its table and read from it.
enum RequestRow {
  static let insertion = """
    INSERT INTO requests (run, sequence, number, stage, outcome, scheduled, sent, firstToken, firstOutput, lastToken,
      closed, inputTokens, outputTokens, cachedTokens, requestedOutputTokens, status, error, finishReason, chunkTimes,
      chunkTokens, turn, serverTimings, hiddenTokens)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  /// Columns in the order in which `request` reads them; those that an older database lacks are read as unknown.
  static func selection(withChunks: Bool, of columns: Set<String>) -> String {
    let later = ["turn", "serverTimings", "hiddenTokens"].map { columns.contains($0) ? $0 : "NULL" }
    return """
      SELECT number, stage, outcome, scheduled, sent, firstToken, firstOutput, lastToken, closed, inputTokens,
        outputTokens, cachedTokens, requestedOutputTokens, status, error, finishReason, \(later.joined(separator: ", "))\
      \(withChunks ? ", chunkTimes, chunkTokens" : "") FROM requests
      """
  }

  /// Reads one row.
  ///
  /// - Throws: `RecordError.damaged` where the packed times are not what the store writes.
  static func request(_ row: Row, stages: [Int: String], withChunks: Bool, path: String) throws -> RequestRecord {
    var request = RequestRecord(
      index: row[0], stage: stages[row[1]] ?? "unknown", scheduled: row[3],
      outcome: RequestRecord.Outcome(rawValue: row[2]) ?? .failed)
    request.sent = row[4]
    request.firstToken = row[5]
    request.firstOutput = row[6]
    request.lastToken = row[7]
    request.closed = row[8]
    request.inputTokens = row[9]
    request.outputTokens = row[10]
    request.cachedTokens = row[11]
    request.requestedOutputTokens = row[12]
    request.status = row[13]
    request.error = row[14]
    request.finishReason = row[15]
    request.turn = row[16]
    request.serverTimings = try (row[17] as String?).map { try StoredJSON.value(ServerTimings.self, from: $0) }
    request.hiddenTokens = row[18]
    guard withChunks else { return request }
    let times = (row[19] as Data?).map { [UInt8]($0) } ?? []
    let tokens = (row[20] as Data?).map { [UInt8]($0) } ?? []
    guard let stamps = StampCodec.stamps(times), let counts = StampCodec.counts(tokens) else {
      throw RecordError.damaged(path: path, cause: "the token times of request \(request.index) are malformed")
    }
    request.chunkTimes = stamps
    request.chunkTokens = counts
    return request
  }
}
