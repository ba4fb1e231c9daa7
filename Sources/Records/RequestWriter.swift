import Benchmarking
import GRDB
import GRDBSQLite
import Platform

/// Writes requests into their table, thousands a second beside the measurement itself: values are bound without boxes
/// and buffers are used again.
struct RequestWriter {
  private let statement: OpaquePointer
  private let connection: OpaquePointer?
  private var times: [UInt8] = []
  private var tokens: [UInt8] = []
  /// SQLite copies what is bound with this instead of a destructor.
  private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  init(_ database: Database) throws {
    statement = try database.cachedStatement(sql: RequestRow.insertion).sqliteStatement
    connection = database.sqliteConnection
  }

  /// Writes one request.
  ///
  /// - Throws: `DatabaseError`.
  mutating func insert(_ request: RequestRecord, run: Int64, sequence: Int, stage: Int) throws {
    times.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    StampCodec.pack(request.chunkTimes, into: &times)
    StampCodec.pack(counts: request.chunkTokens, into: &tokens)
    bind(1, run)
    bind(2, Int64(sequence))
    bind(3, Int64(request.index))
    bind(4, Int64(stage))
    bind(5, request.outcome.rawValue)
    bind(6, request.scheduled)
    bind(7, request.sent)
    bind(8, request.firstToken)
    bind(9, request.firstOutput)
    bind(10, request.lastToken)
    bind(11, request.closed)
    bind(12, request.inputTokens.map { Int64($0) })
    bind(13, request.outputTokens.map { Int64($0) })
    bind(14, request.cachedTokens.map { Int64($0) })
    bind(15, request.requestedOutputTokens.map { Int64($0) })
    bind(16, request.status.map { Int64($0) })
    bind(17, request.error)
    bind(18, request.finishReason)
    bind(19, times)
    bind(20, tokens)
    bind(21, request.turn.map { Int64($0) })
    bind(22, try request.serverTimings.map { try StoredJSON.text($0) })
    bind(23, request.hiddenTokens.map { Int64($0) })
    let code = sqlite3_step(statement)
    // What was bound is let go of with the next request at the latest.
    let message = code == SQLITE_DONE ? nil : connection.map { String(cString: sqlite3_errmsg($0)) }
    sqlite3_reset(statement)
    sqlite3_clear_bindings(statement)
    guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message) }
  }

  private func bind(_ place: Int32, _ value: Int64?) {
    if let value { sqlite3_bind_int64(statement, place, value) }
  }

  private func bind(_ place: Int32, _ text: String?) {
    guard var text else { return }
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        _ = sqlite3_bind_text(statement, place, $0.baseAddress, Int32(clamping: $0.count), Self.copied)
      }
    }
  }

  private func bind(_ place: Int32, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    bytes.withUnsafeBytes {
      _ = sqlite3_bind_blob(statement, place, $0.baseAddress, Int32(clamping: $0.count), Self.copied)
    }
  }
}
