import Benchmarking
import Units

/// Joins the shards of one load from their raw requests, never from percentiles.
public enum RunMerge {
  /// Seconds by which a shard may have begun away from the agreed moment.
  static let clockTolerance = 0.5

  /// What a run's settings say of its part in a load.
  private struct Settings: Decodable {
    struct Shard: Decodable {
      var index: Int
      var count: Int
      var startAt: Double?
    }

    var shard: Shard?
  }

  /// Makes one run of the shards; it is invalid where one is missing or clocks disagree.
  ///
  /// - Throws: `RecordError.refusedMerge` for runs that are no shards, or not of one load.
  public static func merged(_ shards: [RunArchive], id: String) throws(RecordError) -> RunArchive {
    let parts = try shards.map { archive throws(RecordError) in (shard: try shard(of: archive.run), archive: archive) }
      .sorted { $0.shard.index < $1.shard.index }
    // One shard alone is what is left where the others died; the run says so and is invalid.
    guard let first = parts.first, first.shard.count > 1 else {
      throw .refusedMerge(cause: "it takes a load of two shards or more")
    }
    guard parts.allSatisfy({ $0.shard.count == first.shard.count && $0.shard.startAt == first.shard.startAt }) else {
      throw .refusedMerge(cause: "the shards are of different loads")
    }
    guard Set(parts.map(\.shard.index)).count == parts.count else {
      throw .refusedMerge(cause: "a shard is named twice")
    }
    let start = parts.map(\.archive.run.startedAt).min() ?? 0
    var run = first.archive.run
    run.id = id
    run.startedAt = start
    run.settings["merged from"] = parts.map(\.archive.run.id).joined(separator: ", ")
    run.validity = Validity(
      invalid: missing(parts.map(\.shard)) + invalid(parts.map(\.archive)),
      doubtful: clocks(parts.map { ($0.shard, $0.archive.run) }))
    run.status = .complete
    // One late client spoils the whole.
    run.client = parts.compactMap(\.archive.run.client).reduce(nil) { worst, next in next.worse(than: worst) }
    run.summary = RunSummary(completed: 0, errors: 0, durationSeconds: 0)
    run.stages = []
    var archive = RunArchive(run: run)
    for part in parts {
      let offset = nanoseconds(part.archive.run.startedAt - start)
      archive.requests += part.archive.requests.map { $0.moved(by: offset) }
    }
    for index in archive.requests.indices { archive.requests[index].index = index }
    return archive.summarized
  }

  private static func shard(of run: Run) throws(RecordError) -> Settings.Shard {
    let found = run.settings["benchmark"].flatMap { try? StoredJSON.value(Settings.self, from: $0) }
    guard let shard = found?.shard else {
      throw .refusedMerge(cause: "run \(run.id) is no shard; make them with `plimsoll bench --shard i/n --start-at T`")
    }
    return shard
  }

  private static func missing(_ shards: [Settings.Shard]) -> [Reason] {
    let count = shards.first?.count ?? 0
    guard shards.count < count else { return [] }
    return [
      Reason("shard-missing", "\(count - shards.count) of \(count) shards are missing, so load and figures are short")
    ]
  }

  private static func invalid(_ archives: [RunArchive]) -> [Reason] {
    archives.filter { !$0.run.validity.ok || $0.run.status != .complete }.map {
      Reason("shard-invalid", "shard \($0.run.id) is not valid or not complete")
    }
  }

  private static func clocks(_ parts: [(shard: Settings.Shard, run: Run)]) -> [Reason] {
    let starts = parts.map(\.run.startedAt)
    guard let least = starts.min(), let largest = starts.max(), largest - least > clockTolerance else { return [] }
    let spread = (largest - least).formatted(decimals: 1)
    return [
      Reason(
        "clocks-differ", "the shards began \(spread) s apart by their own clocks",
        remedy: "synchronize the clocks and use --start-at")
    ]
  }
}
