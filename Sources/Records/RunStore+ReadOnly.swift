import GRDB
import Platform

extension RunStore {
  /// Opens the database to read it: as it is where it cannot be written, on a read-only file system or a full disk.
  ///
  /// Where nothing may be written beside the file either, what another process has not moved into it yet is not seen.
  ///
  /// - Throws: `RecordError`, as the store that writes.
  public static func reading(path: String) throws(RecordError) -> RunStore {
    do {
      return try RunStore(path: path)
    } catch {
      switch error {
      case .notWritable, .diskFull: break
      default: throw error
      }
      return try RunStore(onlyReading: path, after: error)
    }
  }

  init(onlyReading path: String, after failure: RecordError) throws(RecordError) {
    self.path = path
    clock = MonotonicClock()
    isReadOnly = true
    do {
      guard FileStatusReader.isThere(path) else {
        // Nothing was stored yet, and nothing can be.
        let empty = try DatabaseQueue()
        try Schema.migrator.migrate(empty)
        pool = empty
        return
      }
      // A full disk leaves an empty file where a database was to be made.
      var status = stat()
      guard stat(path, &status) != 0 || status.st_size > 0 else { throw failure }
      pool = try Self.queue(path)
    } catch let error as RecordError {
      throw error
    } catch {
      // What kept it from being written says more than what kept it from being read.
      throw failure
    }
  }

  private static func queue(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    // As other processes see it, where SQLite's own files beside it can be had; else the file alone, as nobody changes it.
    let escaped = path.utf8.map { byte in
      let isPlain = byte > 32 && byte < 127 && !"%?#".utf8.contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + String(Int(byte) + 256, radix: 16).dropFirst().uppercased()
    }.joined()
    var failure: (any Error)?
    for name in [path, "file:\(escaped)?immutable=1"] {
      do {
        let queue = try DatabaseQueue(path: name, configuration: configuration)
        try queue.read { database in
          let number = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
          guard number == Schema.applicationID else { throw RecordError.notOurs(path: path) }
          guard try !Schema.migrator.hasBeenSuperseded(database) else { throw RecordError.newerSchema(path: path) }
          _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM runs")
        }
        return queue
      } catch let error as RecordError {
        throw error
      } catch {
        failure = error
      }
    }
    throw failure ?? RecordError.notWritable(path: path, cause: "it cannot be opened")
  }
}

/// Whether a file is there.
private enum FileStatusReader {
  static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
