import Benchmarking
import Hardware
import Platform
import Records
public import Reporting
import Units

/// Holds stored runs against each other, and learns this machine's noise from equal ones.
public struct RunComparing: Sendable {
  let store: RunStore

  public init(in workspace: Workspace) throws {
    store = try RunStore.reading(path: workspace.folders.database)
  }

  /// Compares the named runs, or the latest so many, with the first of them.
  ///
  /// - Parameters:
  ///   - latest: how many of the latest instead of named ones; with `tag`, of those that have it.
  ///   - tolerance: differences up to this part of one count as the same.
  ///   - learns: true where a comparison of equal runs teaches the machine's noise floor.
  /// - Throws: `RecordError`, or `Failure` where there are too few.
  public func compared(
    _ names: [String], latest: Int? = nil, tag: String? = nil, within tolerance: Double = 0.02, learns: Bool = true
  ) throws -> ComparedRuns {
    let archives = try chosen(names, latest: latest, tag: tag).map { try store.archive($0).summarized }
    let ids = archives.map(\.run.id)
    if let twice = ids.indices.first(where: { ids[..<$0].contains(ids[$0]) }) {
      throw Failure(
        .usage, .sameRun, "run \(ids[twice]) is named twice, and a run cannot be compared with itself",
        remedy: "plimsoll compare last-1 last compares the two latest runs")
    }
    guard let baseline = archives.first else { return ComparedRuns([], verdicts: []) }
    let verdicts = try archives.dropFirst().map { candidate in
      try judged(candidate, to: baseline, within: tolerance, learns: learns)
    }
    return ComparedRuns(archives, verdicts: verdicts)
  }

  private func chosen(_ names: [String], latest: Int?, tag: String?) throws -> [String] {
    guard let latest else { return names }
    var filter = RunFilter()
    filter.tag = tag
    filter.limit = latest
    let found = try store.list(filter).map(\.id)
    guard found.count >= 2 else {
      throw Failure(
        .failed, .tooFewRuns, "there are fewer than two such runs to compare",
        remedy: "plimsoll runs list shows the stored runs")
    }
    return found.reversed()
  }

  private func judged(
    _ candidate: RunArchive, to baseline: RunArchive, within tolerance: Double, learns: Bool
  ) throws -> [ComparisonVerdict] {
    let machine = candidate.run.machine?.name ?? ""
    let comparison = RunComparison(candidate, to: baseline, tolerance: tolerance) { quantity, design in
      try store.noiseFloor(of: quantity, on: machine, design: design)
    }
    let found = try comparison.verdicts()
    guard learns, !store.isReadOnly, comparison.isOfEqualRuns else { return found }
    for verdict in found where verdict.stage == found.first?.stage {
      guard let ratio = verdict.ratio else { continue }
      try store.rememberNoise(
        ratio.estimate, of: verdict.quantity, on: machine, design: comparison.design,
        between: baseline.run.id, and: candidate.run.id)
    }
    return found
  }
}

extension ComparedRuns {
  /// Ends a build server's comparison where a run is slower than the first, or says nothing.
  ///
  /// - Throws: `Failure` with exit code 6.
  public func requireNoRegression() throws {
    if let invalid = archives.first(where: { !$0.run.validity.ok || $0.run.status != .complete }) {
      throw Failure(
        .invalidResult, .invalidRun, "run \(invalid.run.id) is not valid, so it is not compared",
        remedy: "measure it again; plimsoll runs show \(invalid.run.id) says why")
    }
    if verdicts.contains(where: \.isEmpty) {
      throw Failure(
        .invalidResult, .nothingCompared, "a run has no load in common with the first",
        remedy: "measure both at the same --concurrency or --rate")
    }
    if let slower = verdicts.flatMap({ $0 }).first(where: { $0.outcome == .slower }) {
      throw Failure(.invalidResult, .regression, "\(slower.quantity) in \(slower.stage) is \(slower.sentence)")
    }
  }
}
