import Dispatch
public import Engines
public import Hardware
import Hub
import Models
public import Planning
import Platform
import Profiles
public import Reporting
import Synchronization
import Units

/// Finds the models that a machine runs well: over the model catalogue, each in the form that `fit` would choose.
public struct Recommender: Sendable {
  private let workspace: Workspace
  private let machine: Machine
  private let estimator: SpeedEstimator?
  public var filter = RecommendationFilter()
  public var objective: Objective
  public var isOnAcceleratorsOnly = false
  /// The most models that are listed.
  public var limit = 10
  /// True lists those too that are slower than the least for the use.
  public var showsSlow = false
  /// Engines whose programs are on the machine; nil where that is not known, as of a machine elsewhere.
  public var enginesHere: Set<EngineKind>?
  private var weights: RecommendationWeights { RecommendationWeights(for: objective.kind) }
  /// One for each plan: a planner keeps the forms of the model that it planned last.
  private var planner: Planner { Planner(speed: estimator) }

  public init(for machine: Machine, use: Use, in workspace: Workspace) {
    self.workspace = workspace
    self.machine = machine
    estimator = workspace.estimator(for: machine)
    filter.use = use
    objective = Objective(for: Workload(), use: use)
  }

  /// One model that is considered.
  private struct Candidate {
    var entry: ModelEntry
    var quality: PublishedQualityOfModel
    /// No score of it can be higher, and no standing better.
    var bound: Double
    var standing: Recommendation.Standing
  }

  /// Returns the list, best first.
  ///
  /// Models are planned in the order of the best that each could score, several at once, until no other could come into
  /// the list.
  ///
  /// - Throws: what reading the catalogue throws, or `CancellationError`.
  public func recommended() throws -> RecommendationDocument {
    try recommended(among: workspace.catalogue().modelCatalogue().entries())
  }

  /// Returns the list with models that the Hub has of the listed families and that the catalogue does not know yet.
  ///
  /// Where the Hub does not answer, the list is that of the catalogue, and says why.
  ///
  /// - Throws: what reading the catalogue throws, or `CancellationError`.
  public func recommendedOnline() async throws -> RecommendationDocument {
    let known = try workspace.catalogue().modelCatalogue().entries()
    let offline = try recommended(among: known)
    let byName = Dictionary(known.map { ($0.name, $0) }) { first, _ in first }
    let families = offline.models.compactMap { byName[$0.name] } + known.filter(\.isCore)
    let newer = try await NewerModels(client: workspace.hubClient(), use: filter.use).found(
      beside: families.filter(filter.admits), catalogue: known, room: room)
    var document = newer.entries.isEmpty ? offline : try recommended(among: known + newer.entries)
    document.online = RecommendationDocument.Online(
      found: newer.entries.map(\.repository), incomplete: newer.incomplete, cost: newer.cost)
    return document
  }

  private func recommended(among all: [ModelEntry]) throws -> RecommendationDocument {
    try filter.check(all)
    if isOnAcceleratorsOnly, machine.accelerators.isEmpty {
      throw Failure(
        .doesNotFit, .noAccelerator, "\(printable(machine.name)) has no GPU to put a model on",
        remedy: "leave --gpu-only out")
    }
    var left = RecommendationDocument.LeftOut()
    let candidates = self.candidates(all, &left)
    var found: [(candidate: Candidate, row: Recommendation)] = []
    var done = 0
    while done < candidates.count, !isSettled(found.map(\.row), before: candidates[done]) {
      try Task.checkCancellation()
      let next = candidates[done..<min(done + Self.atOnce, candidates.count)]
      let rows = together(next.map { candidate in { self.row(candidate) } })
      for (candidate, row) in zip(next, rows) {
        if let row { found.append((candidate, row)) } else { left.doNotFit += 1 }
      }
      done += next.count
    }
    left.belowTheList = candidates.count - done
    let listed = listed(found.map(\.row))
    left.belowTheList += found.count - listed.count
    let byName = Dictionary(found.map { ($0.row.name, $0.candidate.entry) }) { first, _ in first }
    return RecommendationDocument(
      machine: machine.name, use: filter.use, objective: objective, weights: weights, total: all.count, leftOut: left,
      models: together(listed.map { row in { self.completed(row, byName[row.name]) } }), enginesHere: enginesHere)
  }

  /// Models planned at once: a fixed number, so that the list does not depend on the processors that make it.
  private static let atOnce = 8

  /// The results of all works in their order, as many at once as there are processors.
  ///
  /// They run on threads of their own: work without a pause would keep the threads of tasks from everything that waits.
  private func together<Result: Sendable>(_ works: [@Sendable () -> Result]) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: works.count))
    DispatchQueue.concurrentPerform(iterations: works.count) { place in
      let result = works[place]()
      results.withLock { $0[place] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  /// True where neither this candidate nor one after it can come into the list.
  private func isSettled(_ rows: [Recommendation], before next: Candidate) -> Bool {
    if !showsSlow, next.standing == .slow, rows.contains(where: { $0.standing < .slow }) { return true }
    let ahead = rows.count {
      $0.standing < next.standing || ($0.standing == next.standing && $0.score >= next.bound)
    }
    return ahead >= limit
  }

  /// Those that are fast enough; where none is, the fastest.
  private func listed(_ rows: [Recommendation]) -> [Recommendation] {
    let ordered = rows.sorted { left, right in
      left.standing == right.standing
        ? (right.score, left.name) < (left.score, right.name) : left.standing < right.standing
    }
    let fast = ordered.filter { $0.standing < .slow }
    if showsSlow { return Array(ordered.prefix(limit)) }
    if !fast.isEmpty { return Array(fast.prefix(limit)) }
    func rate(_ row: Recommendation) -> Double { row.tokensPerSecond?.expected ?? 0 }
    return Array(ordered.sorted { rate($0) > rate($1) }.prefix(limit))
  }

  // MARK: - Candidates

  private func candidates(_ all: [ModelEntry], _ left: inout RecommendationDocument.LeftOut) -> [Candidate] {
    let index = PublishedIndex(all, for: filter.use)
    let room = room
    var candidates: [Candidate] = []
    for entry in all {
      guard filter.admits(entry), !all.contains(where: { entry.isQuantizedCopy(of: $0) }),
        let quality = index.quality(of: entry)
      else {
        left.filtered += 1
        continue
      }
      guard entry.hasConfiguration else {
        left.unknownShape += 1
        continue
      }
      // What is larger than all memory in the fewest bits that are any good needs no plan.
      guard Double(entry.parameters) * Self.fewestBits / 8 <= room else {
        left.doNotFit += 1
        continue
      }
      candidates.append(candidate(entry, quality, room: room))
    }
    return candidates.sorted { left, right in
      left.standing == right.standing
        ? (right.bound, left.entry.name) < (left.bound, right.entry.name) : left.standing < right.standing
    }
  }

  /// The best that a model could do: all of it in the fastest memory, in the fewest bits that lose little.
  private func candidate(_ entry: ModelEntry, _ quality: PublishedQualityOfModel, room: Double) -> Candidate {
    let fastest = bandwidth / (Double(entry.activeParameters) * Self.shareRead * Self.fewestGoodBits / 8)
    let isSlow = fastest < objective.leastTokensPerSecond
    let isLossy = Double(entry.parameters) * Self.fewestGoodBits / 8 > room && !entry.hasQuantizedWeights
    let most = Recommendation.Parts(
      quality: quality.index / 100, speed: filter.use == .embedding ? 1 : speedPart(fastest), context: 1, fit: 1)
    return Candidate(
      entry: entry, quality: quality, bound: most.score(weights), standing: isSlow ? .slow : isLossy ? .lossy : .good)
  }

  /// Bits of a weight in the smallest form that loses little, and the share of the weights that a token reads at least:
  /// tables of embeddings are not read.
  private static let fewestGoodBits = 3.3
  private static let shareRead = 0.6

  /// Bytes a second of the fastest memory, of all accelerators together; without limit where it is not known.
  private var bandwidth: Double {
    let own = machine.accelerators.map { $0.bandwidth?.value ?? .infinity }.reduce(0, +)
    let host = machine.memory.bandwidth?.value ?? (machine.accelerators.isEmpty ? .infinity : 0)
    return max(own, host)
  }

  /// Bits of a weight in the smallest form that is planned, less what tables of few bits save.
  private static let fewestBits = 2.4

  /// Bytes of all memory that a model could lie in.
  private var room: Double {
    let own = machine.accelerators.indices.reduce(0.0) { sum, index in
      let shares = machine.accelerators[index].sharesMemory == true
      return shares ? sum : sum + Double(machine.usableBytes(ofAccelerator: index)?.value.bytes ?? 0)
    }
    let shared = machine.accelerators.indices.compactMap { index in
      machine.accelerators[index].sharesMemory == true ? machine.usableBytes(ofAccelerator: index)?.value.bytes : nil
    }.max()
    let host = isOnAcceleratorsOnly ? 0 : machine.usableHostBytes.map { $0.value.bytes }
    guard let host else { return .infinity }
    return own + Double(max(host, shared ?? 0))
  }

  // MARK: - Rows

  private func request(_ entry: ModelEntry) throws -> PlanRequest {
    var request = PlanRequest(model: try entry.model(), machine: machine)
    request.published = entry.published
    request.objective = objective
    request.use = filter.use
    request.isOnAcceleratorsOnly = isOnAcceleratorsOnly
    request.enginesHere = enginesHere
    request.contextLength = filter.leastContext
    return request
  }

  /// The model in its best form here; nil where none can be used.
  private func row(_ candidate: Candidate) -> Recommendation? {
    guard let request = try? request(candidate.entry), Self.isWhole(request.model) else { return nil }
    var planner = planner
    planner.findsLimits = false
    let plan = planner.plan(request)
    guard let option = plan.chosen.map({ plan.options[$0] }) else { return nil }
    let room = MemoryRoom(of: option, on: machine)
    let isCramped = option.contextLength < neededContext || !room.leavesSystemRoom
    var row = Recommendation(
      candidate.entry, option, for: filter.use, quality: candidate.quality, isCramped: isCramped)
    row.contextLength = room.longestContext(trained: plan.model.contextLength)
    row.parts = Recommendation.Parts(
      quality: candidate.quality.index / 100 * (1 - (option.scoreLost?.value ?? 0.1))
        * (option.hasToBeMade ? 1 - Self.makingCosts : 1),
      speed: speedPart(row.tokensPerSecond?.expected),
      context: Self.doublings(Double(row.contextLength ?? 4096) / 4096, of: 5),
      fit: min(1, room.share / 0.3))
    row.score = row.parts.score(weights)
    return row
  }

  /// False where the shapes that are known are a part of the model only: its memory would be told too low.
  private static func isWhole(_ model: Model) -> Bool { !model.warnings.contains { $0.code == .parameterCount } }

  /// Tokens of context without which a model is of little use: an embedder reads what it was trained for.
  private var neededContext: Int {
    filter.leastContext ?? (filter.use == .embedding ? 0 : filter.use.contextLength)
  }

  /// A form that has to be made first is hours of work: it has to be better by this share.
  private static let makingCosts = 0.05

  private func speedPart(_ rate: Double?) -> Double {
    guard let rate else { return 0 }
    // An embedder writes nothing: a thousand tokens read a second are a page.
    if filter.use == .embedding { return Self.doublings(rate / 1000, of: 3) }
    // Where no least was asked for every token a second counts.
    guard objective.leastTokensPerSecond > 0 else { return Self.doublings(rate, of: 8) }
    return Self.doublings(rate / objective.leastTokensPerSecond, of: 3)
  }

  /// How many of so many doublings a ratio is, from 0 to 1.
  private static func doublings(_ ratio: Double, of count: Double) -> Double {
    guard ratio > 1 else { return 0 }
    return min(1, naturalLog(ratio) / naturalLog(2) / count)
  }

  /// The context that fits with more of the weights on the host, at a speed that still is enough; nil where none does.
  private func moreContext(_ request: PlanRequest) -> Int? {
    for context in [32_768, 16_384, 8192] where context > request.plannedLength {
      var request = request
      request.contextLength = context
      let plan = planner.plan(request)
      guard let option = plan.chosen.map({ plan.options[$0] }), option.missingTokensPerSecond == nil,
        (option.concessions ?? []).isEmpty
      else { continue }
      return option.largestContext?.value
    }
    return nil
  }

  /// A row that is shown: with the exact context, and whether its files are here.
  private func completed(_ row: Recommendation, _ entry: ModelEntry?) -> Recommendation {
    guard let entry, var request = try? request(entry) else { return row }
    var row = row
    request.quantizations = .named([row.quantization])
    request.engines = [row.engine]
    let plan = planner.plan(request)
    let option = plan.chosen.map { plan.options[$0] }
    if let longest = option?.largestContext?.value { row.contextLength = longest }
    if let option, MemoryRoom(of: option, on: machine).isSpread {
      row.contextLength = max(row.contextLength ?? 0, moreContext(request) ?? 0)
    }
    let cache = HubCache(root: workspace.hub.cache)
    row.isHere = ([entry.repository] + entry.gguf).contains { !(cache.model($0)?.snapshots.isEmpty ?? true) }
    return row
  }
}

extension Workspace {
  /// The model that a machine runs best, where a plan's own is too slow there or does not fit; nil where it does well.
  public func alternative(to plan: Plan, for use: Use?) -> Recommendation? {
    let chosen = plan.chosen.map { plan.options[$0] }
    guard chosen == nil || chosen?.missingTokensPerSecond != nil else { return nil }
    var recommender = Recommender(for: plan.machine, use: use ?? .chat, in: self)
    recommender.limit = 1
    let best = try? recommender.recommended().models.first
    return best?.missingTokensPerSecond == nil ? best : nil
  }
}
