import GRDB
import Platform
public import Units

/// Why the store of runs could not do what was asked.
public enum RecordError: ExplainedError, Hashable {
  /// The file is a database of another program, or no database at all.
  case notOurs(path: String)
  /// A later version of Plimsoll has changed the schema.
  case newerSchema(path: String)
  case diskFull(path: String)
  /// Another process held the database for longer than the time-out.
  case busy(path: String)
  /// Requests of a benchmark ended faster than they could be stored.
  case tooSlow(path: String)
  case notWritable(path: String, cause: String)
  case damaged(path: String, cause: String)
  /// With the stored identifiers that are nearest to it.
  case noSuchRun(String, nearest: [String] = [])
  case ambiguousRun(String, matches: [String])
  /// A run of that identifier is already stored.
  case alreadyStored(String)
  /// A process is still writing to the run.
  case stillRunning(String)
  /// A file to import is not in the form that it claims, or in none that is known.
  case refusedImport(file: String, cause: String)
  /// A form that cannot hold what the run is.
  case refusedExport(cause: String, remedy: String)
  /// Shards that do not belong together, or not all of them.
  case refusedMerge(cause: String)
}

extension RecordError: CustomStringConvertible {
  public var description: String { reason.message }
}

extension RecordError {
  public var outcome: FailureOutcome {
    switch self {
    case .refusedImport, .notOurs, .damaged: .refusedInput
    case .noSuchRun, .ambiguousRun, .refusedExport: .usage
    default: .failed
    }
  }

  /// The stable code, the sentence, and what to do about it.
  public var reason: Reason {
    switch self {
    case .notOurs(let path):
      Reason(
        .databaseNotOurs, "\(path) is not a database of Plimsoll's, so it is left alone",
        remedy: "move the file away, or set PLIMSOLL_HOME or XDG_DATA_HOME to another folder")
    case .newerSchema(let path):
      Reason(
        .databaseNewer, "\(path) was written by a later version of Plimsoll",
        remedy: "use that version, or set PLIMSOLL_HOME to another folder")
    case .diskFull(let path):
      Reason(
        .diskFull, "the disk is full at \(path); what was written before is kept",
        remedy: "free some space, or move the data folder with PLIMSOLL_HOME")
    case .busy(let path):
      Reason(.databaseBusy, "another process has held \(path) for too long", remedy: "try again when it is done")
    case .tooSlow(let path):
      Reason(
        .databaseTooSlow, "requests ended faster than they could be stored in \(path)",
        remedy: "wait for the other process that uses it, or move the data folder to a faster disk with PLIMSOLL_HOME")
    case .notWritable(let path, let cause): Reason(.databaseNotWritable, "cannot write to \(path): \(cause)")
    case .damaged(let path, let cause):
      Reason(
        .databaseDamaged, "cannot read \(path): \(cause)",
        remedy: "move the file away to start a new one; `sqlite3 FILE .recover` may save its runs")
    case .noSuchRun(let id, let nearest):
      Reason(
        .noSuchRun, "there is no run \(id)",
        remedy: (nearest.isEmpty ? "" : "nearest: \(nearest.joined(separator: ", ")); ") + "plimsoll runs lists all")
    case .ambiguousRun(let id, let matches):
      Reason(.ambiguousRun, "\(id) could be any of \(matches.joined(separator: ", "))", remedy: "type more of it")
    case .alreadyStored(let id): Reason(.runAlreadyStored, "a run \(id) is already stored")
    case .stillRunning(let id):
      Reason(.runStillRunning, "run \(id) is still being measured", remedy: "stop it first, or use --force")
    case .refusedImport(let file, let cause): Reason(.importRefused, "cannot import \(file): \(cause)")
    case .refusedExport(let cause, let remedy): Reason(.exportRefused, "cannot export: \(cause)", remedy: remedy)
    case .refusedMerge(let cause): Reason(.mergeRefused, "cannot merge: \(cause)")
    }
  }

  /// Sorts an error of the database into what a user can do about it.
  init(_ error: any Error, path: String) {
    if let known = error as? RecordError {
      self = known
      return
    }
    guard let failure = error as? DatabaseError else {
      self = .damaged(path: path, cause: "\(error)")
      return
    }
    // The files that it had open are closed by now; what has so few cannot have opened the database's.
    let hasFewFiles = ResourceLimit.isOutOfFiles || (ResourceLimit.openFiles.most ?? .max) < 32
    let isOutOfFiles = failure.resultCode == .SQLITE_CANTOPEN && hasFewFiles
    let cause =
      isOutOfFiles
      ? "no open files are left here (ulimit -n)" : failure.message ?? "code \(failure.resultCode.rawValue)"
    switch failure.resultCode {
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    case .SQLITE_NOTADB: self = .notOurs(path: path)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_IOERR, .SQLITE_AUTH:
      self = .notWritable(path: path, cause: cause)
    default: self = .damaged(path: path, cause: cause)
    }
  }
}
