import Models
import Planning
import Reporting
import Units

/// One scale for what many reporters published of many models on many tests.
///
/// A score is taken as logit(score) = ability of the model + ease of the test; both are fitted over the whole catalogue, by
/// alternating least squares, so that a model is not favoured for the tests that its maker happened to report. Each
/// ability is drawn towards what models of its size, date and kind usually have, as by one more test. A model without
/// scores gets that, or what its scores in general tests suggest, less one deviation: nothing ranks above published results on nothing.
struct PublishedIndex {
  /// By the catalogue's names.
  private let qualities: [String: PublishedQualityOfModel]

  func quality(of entry: ModelEntry) -> PublishedQualityOfModel? { qualities[entry.name] }

  init(_ entries: [ModelEntry], for use: Use) {
    let weights = BenchmarkWeights.weights(for: use)
    let isOfTask = entries.filter {
      $0.uses.contains(.embedding) == (use == .embedding) && !$0.uses.contains(.reranking)
    }
    var fit = AbilityFit(isOfTask, weights)
    fit.solve()
    // Who does well in general mostly does so at one thing: better than size and date tell it.
    if use != .chat, use != .embedding {
      var general = AbilityFit(isOfTask, BenchmarkWeights.weights(for: .chat))
      general.solve()
      fit.estimate(from: general)
    }
    var qualities: [String: PublishedQualityOfModel] = [:]
    for (index, entry) in isOfTask.enumerated() {
      let used = entry.scores.filter { weights[$0.benchmark] != nil && AbilityFit.isScore($0.score) }
      qualities[entry.name] = PublishedQualityOfModel(
        index: (fit.index(of: index) * 10).rounded() / 10, isEstimated: used.isEmpty,
        scores: used.sorted { weights[$0.benchmark] ?? 0 > weights[$1.benchmark] ?? 0 },
        latest: used.compactMap(\.date).max())
    }
    self.qualities = qualities
  }
}

/// Abilities of models and eases of tests, fitted to published scores.
private struct AbilityFit {
  private struct Observation {
    var model: Int
    var test: Int
    var logit: Double
    var weight: Double
  }

  private let traits: [[Double]]
  private let observations: [Observation]
  private let testCount: Int
  private var abilities: [Double]
  private var usual: [Double]
  private var deviation = 0.3
  /// Models with a score.
  private var seen: Set<Int> = []

  /// What a score may be, in percent.
  static func isScore(_ value: Double) -> Bool { value > 0 && value <= 100 }

  init(_ entries: [ModelEntry], _ weights: [String: Double]) {
    var tests: [String: Int] = [:]
    var best: [SIMD2<Int>: Observation] = [:]
    for (model, entry) in entries.enumerated() {
      for score in entry.scores where Self.isScore(score.score) {
        guard let weight = weights[score.benchmark] else { continue }
        let test = tests[score.benchmark] ?? tests.count
        tests[score.benchmark] = test
        // Of several reporters and modes the best is what the model can do.
        let logit = Self.logit(score.score)
        if let known = best[SIMD2(model, test)], known.logit >= logit { continue }
        best[SIMD2(model, test)] = Observation(model: model, test: test, logit: logit, weight: weight)
      }
    }
    observations = best.values.sorted { ($0.model, $0.test) < ($1.model, $1.test) }
    testCount = tests.count
    seen = Set(observations.map(\.model))
    var traits = entries.map(Self.traits)
    // What came later than everything that was tested is not taken for better than it.
    var latest = -Double.infinity
    for model in seen { latest = max(latest, traits[model][Self.year]) }
    for model in traits.indices { traits[model][Self.year] = min(traits[model][Self.year], latest) }
    self.traits = traits
    abilities = Array(repeating: 0, count: entries.count)
    usual = abilities
  }

  private static func logit(_ percent: Double) -> Double {
    let share = min(max(percent, 1), 99) / 100
    return naturalLog(share / (1 - share))
  }

  /// The index of the years in the traits.
  private static let year = 2

  /// A constant, the size (of a mixture the mean of all and active weights), the years since 2025, and whether it reasons.
  private static func traits(_ entry: ModelEntry) -> [Double] {
    let size = (Double(entry.parameters) * Double(entry.activeParameters)).squareRoot() / 1e9
    let parts = (entry.released ?? "").split(separator: "-").compactMap { Double($0) }
    let year = parts.first.map { $0 - 2025 + ((parts.dropFirst().first ?? 6) - 1) / 12 } ?? 0
    return [1, naturalLog(max(size, 0.01)), year, entry.uses.contains(.reasoning) ? 1 : 0]
  }

  mutating func solve() {
    guard testCount > 0 else { return }
    for _ in 0..<40 {
      var eases = [Double](repeating: 0, count: testCount)
      var counts = eases
      for seen in observations {
        eases[seen.test] += seen.logit - abilities[seen.model]
        counts[seen.test] += 1
      }
      for test in eases.indices { eases[test] /= max(1, counts[test]) }
      var sums = usual
      var weights = [Double](repeating: 1, count: abilities.count)
      for seen in observations {
        sums[seen.model] += seen.weight * (seen.logit - eases[seen.test])
        weights[seen.model] += seen.weight
      }
      for model in abilities.indices { abilities[model] = sums[model] / weights[model] }
      fitUsual(weights)
    }
  }

  /// Abilities as size, date and kind explain them.
  private mutating func fitUsual(_ weights: [Double]) {
    var system = LinearSystem(size: 4)
    let seen = abilities.indices.filter { weights[$0] > 1 }
    for model in seen {
      let row = traits[model].enumerated().map { (index: $0.offset, value: $0.element) }
      system.add(row, weight: (weights[model] - 1) / weights[model], residual: abilities[model])
    }
    for index in 0..<4 { system.addPrior(index, precision: 0.01, residual: 0) }
    guard let solved = system.solve(damping: 0) else { return }
    usual = traits.map { zip($0, solved).reduce(0) { $0 + $1.0 * $1.1 } }
    let squares = seen.reduce(0.0) { $0 + (abilities[$1] - usual[$1]) * (abilities[$1] - usual[$1]) }
    deviation = (squares / Double(max(1, seen.count))).squareRoot()
    for model in abilities.indices where weights[model] == 1 { abilities[model] = usual[model] - deviation }
  }

  /// Abilities of those without a score here by what they are in other tests, less one deviation of those that have both.
  mutating func estimate(from other: AbilityFit) {
    let both = seen.intersection(other.seen).sorted()
    guard both.count >= 8 else { return }
    let (x, y) = (both.map { other.abilities[$0] }, both.map { abilities[$0] })
    let (middleX, middleY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let spread = x.reduce(0) { $0 + ($1 - middleX) * ($1 - middleX) }
    guard spread > 0 else { return }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - middleX) * ($1.1 - middleY) } / spread
    func expected(_ ability: Double) -> Double { middleY + slope * (ability - middleX) }
    let squares = zip(x, y).reduce(0) { $0 + ($1.1 - expected($1.0)) * ($1.1 - expected($1.0)) }
    let deviation = (squares / Double(x.count)).squareRoot()
    for model in other.seen.subtracting(seen) { abilities[model] = expected(other.abilities[model]) - deviation }
  }

  /// The ability from 0 to 100: the score on a test that the average model half passes.
  func index(of model: Int) -> Double { 100 / (1 + exponential(-abilities[model])) }
}
