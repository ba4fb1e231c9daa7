public import Benchmarking
import Engines
import Hardware
import Planning
import Units

/// Two runs side by side, stage by stage and quantity by quantity, with what may be said of each difference.
public struct RunComparison {
  /// The quantities that are compared, in the order of their weight; the first decides.
  public static let quantities = ["output throughput", "time per output token", "time to first token"]

  private let baseline: RunArchive
  private let candidate: RunArchive
  /// What each side asked of its server.
  private let workloads: (baseline: BenchmarkSettings?, candidate: BenchmarkSettings?)
  private let tolerance: Double
  private let floor: (String, RunStore.Design) throws -> NoiseFloor?

  /// - Parameter floor: the noise floor of a quantity on the machine, where one is remembered.
  public init(
    _ candidate: RunArchive, to baseline: RunArchive, tolerance: Double = 0.02,
    floor: @escaping (String, RunStore.Design) throws -> NoiseFloor? = { _, _ in nil }
  ) {
    self.candidate = candidate
    self.baseline = baseline
    workloads = (Self.workload(baseline.run), Self.workload(candidate.run))
    self.tolerance = tolerance
    self.floor = floor
  }

  /// True where the sides took turns: both carry the same mark, and their stages are blocks.
  public var design: RunStore.Design {
    let marks = [baseline, candidate].map { $0.run.settings["interleaved"] }
    return marks[0] != nil && marks[0] == marks[1] ? .interleaved : .separate
  }

  /// True where nothing that was asked or deployed differs, so that any difference is noise.
  public var isOfEqualRuns: Bool {
    let (a, b) = (baseline.run, candidate.run)
    guard a.id != b.id, let digest = a.model?.headerDigest, digest == b.model?.headerDigest, doubts.isEmpty,
      workloads.baseline == workloads.candidate
    else { return false }
    return a.engine == b.engine && a.modelAsked == b.modelAsked && a.engineBuild == b.engineBuild
      && a.machine?.name == b.machine?.name
      && Self.launch(a) == Self.launch(b) && a.stages.map(\.name) == b.stages.map(\.name)
      && a.settings["cache"] == b.settings["cache"]
  }

  /// What can be said, the most loaded stage first; empty where no stage is common to both.
  public func verdicts() throws -> [ComparisonVerdict] {
    if design == .interleaved {
      let pairs = Self.pairedStages(baseline.run, candidate.run)
      return try Self.quantities.map { quantity in
        let (top, bottom) = (Self.blockMeans(pairs.map(\.1), quantity), Self.blockMeans(pairs.map(\.0), quantity))
        return try verdict(
          quantity, "interleaved blocks", RatioInterval(paired: top, to: bottom),
          of: (pairs.map(\.1.summary), pairs.map(\.0.summary)))
      }
    }
    let shared = baseline.run.stages.map(\.name).filter { name in candidate.run.stages.contains { $0.name == name } }
    return try shared.reversed().flatMap { stage in
      try Self.quantities.map { quantity in
        let (top, bottom) = (series(candidate, quantity, stage), series(baseline, quantity, stage))
        return try verdict(
          quantity, stage, RatioInterval(separate: top, to: bottom),
          of: (summaries(candidate, stage), summaries(baseline, stage)))
      }
    }
  }

  /// The setting in which an interleaved run names its blocks that tell nothing: comma-separated numbers.
  public static let spoiledBlocks = "blocks not used"

  /// The blocks of two interleaved runs, pair by pair, without those in which either side was spoiled.
  public static func pairedStages(_ a: Run, _ b: Run) -> [(StageResult, StageResult)] {
    let spoiled = Set([a, b].flatMap { $0.settings[spoiledBlocks]?.split(separator: ",") ?? [] }.map { "block \($0)" })
    return zip(a.stages, b.stages).filter { !spoiled.contains($0.name) && !spoiled.contains($1.name) }
  }

  /// - Parameter loads: the summaries of the candidate's and the baseline's stages that are compared.
  private func verdict(
    _ quantity: String, _ stage: String, _ ratio: RatioInterval?,
    of loads: (candidate: [RunSummary], baseline: [RunSummary])
  ) throws -> ComparisonVerdict {
    let lengths =
      quantity == Self.quantities[0]
      ? AnswerLengths(of: loads.candidate).doubt(against: AnswerLengths(of: loads.baseline)) : nil
    let fallback: NoiseFloor = design == .interleaved ? .interleaved : .unmeasured
    var verdict = ComparisonVerdict(
      quantity: quantity, stage: stage, ratio: ratio, tolerance: tolerance,
      floor: try floor(quantity, design) ?? fallback,
      doubts: doubts + [lengths, quantity == Self.quantities[1] ? buffered : nil].compactMap { $0 })
    verdict.reasons += remarks
    return verdict
  }

  /// What must be known when reading a verdict, though it does not forbid one.
  private var remarks: [Reason] {
    var found = [baseline, candidate].filter { $0.run.validity.ok }.flatMap { archive in
      archive.run.validity.reasons.map { Reason($0.code, "run \(archive.run.id): \($0.message)", remedy: $0.remedy) }
    }
    if let a = baseline.run.model, let b = candidate.run.model, a.headerDigest != b.headerDigest {
      let names = [a, b].map { "\($0.name) \($0.quantization ?? "")" }
      found.append(Reason(.modelsDiffer, "these are different models: \(names[0]) and \(names[1])"))
    }
    if let a = baseline.run.modelAsked, let b = candidate.run.modelAsked, a != b {
      found.append(Reason(.modelsDiffer, "the servers were asked for different models: \(a) and \(b)"))
    }
    if let a = workloads.baseline, let b = workloads.candidate, a.dataset != b.dataset {
      found.append(Reason(.workloadDiffers, "the runs did not ask for the same lengths or texts"))
    }
    return found
  }

  /// Why the time between tokens of these runs is not the server's: something held the events back.
  private var buffered: Reason? {
    [baseline, candidate].lazy.compactMap { archive in
      archive.run.validity.reasons.first { $0.code == .streamBuffered }.map {
        Reason($0.code, "run \(archive.run.id): \($0.message)", remedy: $0.remedy)
      }
    }.first
  }

  /// Reasons why no verdict may rest on these runs.
  private var doubts: [Reason] {
    [baseline, candidate].filter { !$0.run.validity.ok || $0.run.status != .complete }.map { archive in
      let codes = archive.run.validity.reasons.map(\.code.rawValue).joined(separator: ", ")
      let why = archive.run.status == .complete ? codes : archive.run.status.rawValue
      return Reason(.invalidRun, "run \(archive.run.id) is not valid (\(why))", remedy: "measure it again")
    }
  }

  /// What a run asked of its server, without what differs in equal runs; nil where it was imported.
  private static func workload(_ run: Run) -> BenchmarkSettings? {
    guard var settings = run.benchmark else { return nil }
    settings.seed = 0
    settings.nonce = 0
    return settings
  }

  private static func launch(_ run: Run) -> [String] {
    guard let plan = run.plan, let chosen = plan.chosen, plan.options.indices.contains(chosen) else {
      return words(of: run.settings["command"] ?? "")
    }
    // The port is another each time and changes nothing.
    return plan.options[chosen].launch?.flags.filter { $0.words.first != "--port" }.flatMap(\.words) ?? []
  }
}

extension RunComparison {
  /// A command's words without those that only name the server: its port and its alias.
  fileprivate static func words(of command: String) -> [String] {
    let words = command.split(separator: " ").map { String($0) }
    let names = ["--port", "--alias", "-a", "--served-model-name"]
    return words.indices.filter { place in
      !names.contains(words[place]) && (place == 0 || !names.contains(words[place - 1]))
    }.map { words[$0] }
  }
}

// MARK: - Series of speeds

extension RunComparison {
  /// Block means of a quantity as a speed: latencies are turned over, so that more is always better.
  private func series(_ archive: RunArchive, _ quantity: String, _ stage: String) -> [Double] {
    let requests = archive.requests.filter { $0.stage == stage }
    let timeToFirstToken = archive.run.firstTokenRule(of: stage)
    if quantity == Self.quantities[0] { return Blocks.throughput(of: requests).filter { $0 > 0 } }
    let completed = requests.filter { $0.outcome == .completed }.sorted { ($0.sent ?? 0) < ($1.sent ?? 0) }
    let seconds = completed.compactMap {
      quantity == Self.quantities[1] ? $0.timePerOutputToken : timeToFirstToken($0)
    }
    return Blocks(seconds).means.filter { $0 > 0 }.map { 1 / $0 }
  }

  private func summaries(_ archive: RunArchive, _ stage: String) -> [RunSummary] {
    archive.run.stages.filter { $0.name == stage }.map(\.summary)
  }

  /// One figure for each stage, in order: in an interleaved run a stage is a block.
  private static func blockMeans(_ stages: [StageResult], _ quantity: String) -> [Double] {
    stages.compactMap { stage in
      switch quantity {
      case quantities[0]: stage.summary.outputTokensPerSecond
      case quantities[1]: stage.summary.timePerOutputToken.mean.map { 1 / $0 }
      default: stage.summary.timeToFirstToken.mean.map { 1 / $0 }
      }
    }
  }
}
