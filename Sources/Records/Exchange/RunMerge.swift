import Benchmarking
import Units

/// Joins the shards of one load from their raw requests, never from percentiles.
public enum RunMerge {
  /// Seconds by which shards may have begun apart, and by which their clocks may be wrong.
  static let clockTolerance = 0.5

  private struct Part {
    var shard: Shard
    var settings: BenchmarkSettings
    var archive: RunArchive

    var run: Run { archive.run }

    /// When its measurement began, seconds since 1970 by its own clock.
    var began: Double {
      let first = run.stages.compactMap(\.start).min() ?? archive.measuredRequests.map(\.scheduled).min() ?? 0
      return run.startedAt + Double(first) / 1e9
    }

    /// Nanoseconds by which its run began after the given moment.
    func offset(from start: Double) -> Int64 { nanoseconds(run.startedAt - start) }
  }

  /// Makes one run of the shards; it is invalid where one is missing or not valid, and doubtful where clocks disagree.
  ///
  /// - Throws: `RecordError.refusedMerge` for runs that are no shards, or not of one load.
  public static func merged(_ shards: [RunArchive], id: String) throws(RecordError) -> RunArchive {
    let parts = try shards.map { archive throws(RecordError) in try part(archive) }
      .sorted { $0.shard.index < $1.shard.index }
    // One shard alone is what is left where the others died; the run says so and is invalid.
    guard let first = parts.first, first.shard.count > 1 else {
      throw .refusedMerge(cause: "it takes a load of two shards or more")
    }
    guard parts.allSatisfy({ $0.shard.count == first.shard.count && $0.shard.startAt == first.shard.startAt }) else {
      throw .refusedMerge(cause: "the shards are of different loads")
    }
    guard parts.allSatisfy({ $0.settings == first.settings }) else {
      throw .refusedMerge(cause: "the shards differ in stages, prompts, seed or goals")
    }
    guard Set(parts.map(\.shard.index)).count == parts.count else {
      throw .refusedMerge(cause: "a shard is named twice")
    }
    let start = parts.map(\.run.startedAt).min() ?? 0
    var run = first.run
    run.id = id
    run.startedAt = start
    run.settings["shard"] = nil
    run.settings["merged from"] = parts.map(\.run.id).joined(separator: ", ")
    run.settings["benchmark"] = try? StoredJSON.text(first.settings)
    run.validity = Validity(invalid: missing(parts) + invalid(parts), doubtful: began(parts) + clocks(parts))
    run.status = .complete
    // One late client spoils the whole.
    run.client = parts.compactMap(\.run.client).reduce(nil) { worst, next in next.worse(than: worst) }
    run.serverPeakBytes = parts.compactMap(\.run.serverPeakBytes).max { $0.value < $1.value }
    run.summary = RunSummary(completed: 0, errors: 0, durationSeconds: 0)
    run.stages = []
    var archive = RunArchive(run: run)
    for part in parts { archive.requests += part.archive.requests.map { $0.moved(by: part.offset(from: start)) } }
    for index in archive.requests.indices { archive.requests[index].index = index }
    // Samples of two machines do not add up: those are kept that saw the server.
    let witness = parts.first { $0.archive.telemetry.contains { $0.serverResidentBytes != nil } } ?? first
    archive.telemetry = witness.archive.telemetry.map { $0.shifted(by: witness.offset(from: start)) }
    return archive.summarized
  }

  private static func part(_ archive: RunArchive) throws(RecordError) -> Part {
    guard var settings = archive.run.benchmark, let shard = settings.shard else {
      throw .refusedMerge(
        cause: "run \(archive.run.id) is not a shard; make shards with `plimsoll bench --shard i/n --start-at T`")
    }
    // What differs in the parts of one load; the file lies elsewhere on each machine.
    settings.shard = nil
    settings.nonce = 0
    settings.dataset.path = settings.dataset.path.map { String($0.split(separator: "/").last ?? "") }
    return Part(shard: shard, settings: settings, archive: archive)
  }

  private static func missing(_ parts: [Part]) -> [Reason] {
    let count = parts.first?.shard.count ?? 0
    guard parts.count < count else { return [] }
    return [
      Reason(.shardMissing, "\(count - parts.count) of \(count) shards are missing, so load and figures are short")
    ]
  }

  private static func invalid(_ parts: [Part]) -> [Reason] {
    parts.filter { !$0.run.validity.ok || $0.run.status != .complete }.map {
      Reason(.shardInvalid, "shard \($0.run.id) is not valid or not complete")
    }
  }

  private static func began(_ parts: [Part]) -> [Reason] {
    let starts = parts.map(\.began)
    guard let least = starts.min(), let largest = starts.max(), largest - least > clockTolerance else { return [] }
    let spread = (largest - least).formatted(decimals: 1)
    return [
      Reason(
        .clocksDiffer, "the shards began \(spread) s apart by their own clocks",
        remedy: "synchronize the clocks and use --start-at")
    ]
  }

  /// Clocks of one boot of one machine agree, however wrong they are.
  private static func clocks(_ parts: [Part]) -> [Reason] {
    let clocks = parts.compactMap(\.run.client?.clock)
    guard Set(clocks.map(\.boot)).count > 1, let worst = clocks.map(\.errorSeconds).max(), worst > clockTolerance else {
      return []
    }
    return [
      Reason(
        .clocksUnsure, "a shard's clock may be wrong by \(worst.formatted(decimals: 1)) s, says its kernel",
        remedy: "synchronize the clocks, for example with chrony, and measure again")
    ]
  }
}
