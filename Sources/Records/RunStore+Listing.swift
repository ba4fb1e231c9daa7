import GRDB
import Platform

extension RunStore {
  /// Lists runs, the latest first, without reading their documents.
  public func list(_ filter: RunFilter = RunFilter()) throws(RecordError) -> [RunListing] {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments += [value]
    }
    require("instr(lower(\(Self.words)), lower(?)) > 0", filter.text)
    require("instr(lower(coalesce(modelName, '') || ' ' || coalesce(quantization, '')), lower(?)) > 0", filter.model)
    require("instr(lower(coalesce(engine, '')), lower(?)) > 0", filter.engine)
    require("instr(lower(coalesce(machineName, '')), lower(?)) > 0", filter.machine)
    require("key IN (SELECT run FROM tags WHERE tag = ?)", filter.tag)
    require("isValid = ?", filter.isValid)
    require("startedAt >= ?", filter.since)
    // A run whose process has gone is stored as running and is incomplete: both are read, then sorted out.
    if filter.status == .incomplete {
      conditions.append("status IN ('incomplete', 'running')")
    } else {
      require("status = ?", filter.status?.rawValue)
    }
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let values = arguments
    let found = try reading { database in
      // A database that could not be migrated lacks the newest column.
      let load = try database.columns(in: "runs").contains { $0.name == "load" } ? "load" : "NULL"
      return try Row.fetchAll(database, sql: Self.query(load: load, condition), arguments: values).map(Self.listing)
    }
    var wanted = filter.status.map { status in found.filter { $0.status == status } } ?? found
    // What was killed was never judged.
    if filter.isValid == true { wanted = wanted.filter { $0.status == .complete } }
    return filter.limit.map { Array(wanted.prefix(max(0, $0))) } ?? wanted
  }

  /// All that can be searched for in a run, as one text; line ends keep its parts apart.
  private static let words =
    (["id", "target"]
    + ["modelName", "quantization", "engine", "engineBuild", "machineName", "note"].map { "coalesce(\($0), '')" }
    + ["coalesce((SELECT group_concat(tag, char(10)) FROM tags WHERE run = key), '')"])
    .joined(separator: " || char(10) || ")

  private static func query(load: String, _ condition: String) -> String {
    """
    SELECT key, id, startedAt, status, origin, target, machineName, modelName, quantization, engine, engineBuild,
      outputTokensPerSecond, timeToFirstToken, timePerOutputToken, completed, errors, isValid, requestCount, note,
      ownerProcess, ownerStart, ownerHost, \(load) AS load, (SELECT group_concat(tag, char(10)) FROM tags WHERE run = key) AS tags
    FROM runs \(condition) ORDER BY startedAt DESC, key DESC
    """
  }

  private static func listing(_ row: Row) -> RunListing {
    let tags = (row["tags"] as String?)?.split(separator: "\n").map { String($0) } ?? []
    return RunListing(
      id: row["id"], startedAt: row["startedAt"],
      status: RunOwner(row).resolved(Run.Status(rawValue: row["status"]) ?? .failed),
      origin: RunOrigin(rawValue: row["origin"]) ?? .measured, target: row["target"], machine: row["machineName"],
      model: row["modelName"], quantization: row["quantization"], engine: row["engine"],
      engineBuild: row["engineBuild"], load: row["load"], outputTokensPerSecond: row["outputTokensPerSecond"],
      timeToFirstToken: row["timeToFirstToken"], timePerOutputToken: row["timePerOutputToken"],
      completed: row["completed"], errors: row["errors"], isValid: row["isValid"], requests: row["requestCount"],
      tags: tags.sorted(), note: row["note"])
  }
}

/// The process that measures a run, as its row names it.
struct RunOwner {
  private let process: ProcessIdentity?
  private let host: String?

  init(_ row: Row) {
    let pid: Int32? = row["ownerProcess"]
    let start: Int64? = row["ownerStart"]
    process = pid.map { ProcessIdentity(pid: $0, startTicks: UInt64(bitPattern: start ?? 0)) }
    host = row["ownerHost"]
  }

  /// Returns the status, with a run that nobody measures any more as incomplete.
  ///
  /// A process of another host cannot be asked, so its run stays running.
  func resolved(_ status: Run.Status) -> Run.Status {
    guard status == .running else { return status }
    guard let process else { return .incomplete }
    guard host == hostName() else { return .running }
    return process.isRunning ? .running : .incomplete
  }
}
