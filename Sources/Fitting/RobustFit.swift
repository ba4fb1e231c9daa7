import Planning

/// Fits the logarithms of efficiencies to measurements: few outliers hurt, and what has no data stays at its prior.
///
/// Levenberg-Marquardt on the pseudo-Huber loss of the logarithm of predicted over measured. The derivative goes through
/// the quantities (one finite difference each), because every quantity is a sum of effects: exact and cheap.
struct RobustFit {
  /// Errors up to about this size count in full, larger ones in proportion.
  var scale = 0.2
  var iterations = 40

  private struct Row {
    var question: SpeedQuestion
    var measured: Double
    var weight: Double
    /// For each quantity the answer may depend on: fixed part and effects in this fit.
    var parts: [(quantity: Quantity, effects: [(index: Int, coefficient: Double)])]
    var fixed: [Double]
  }

  private struct Parameters {
    var index: [String: Int] = [:]
    var keys: [String] = []
    var means: [Double] = []
    var deviations: [Double] = []
  }

  /// Returns the fitted logarithms by key. Effects for which `isFitted` is false keep their value in `known`.
  ///
  /// - Parameters:
  ///   - start: values to begin from, those of a fit on almost the same cases; nil begins from the priors.
  ///   - rounds: iterations at most.
  func fit(
    _ cases: [ReferenceCase], known: [String: Double] = [:], from start: [String: Double]? = nil, rounds: Int? = nil,
    isFitted: (String) -> Bool
  ) -> [String: Double] {
    var parameters = Parameters()
    let rows = makeRows(cases, known: known, isFitted: isFitted, parameters: &parameters)
    var current = parameters.means
    if let start { for (index, key) in parameters.keys.enumerated() { current[index] = start[key] ?? current[index] } }
    var cost = cost(rows, current, parameters)
    var damping = start == nil ? 1e-2 : 1e-4
    for _ in 0..<(rounds ?? iterations) {
      let system = normalEquations(rows, current, parameters)
      var accepted = false
      for _ in 0..<8 {
        guard let step = system.solve(damping: damping) else {
          damping *= 6
          continue
        }
        let candidate = zip(current, step).map { $0 - $1 }
        let candidateCost = self.cost(rows, candidate, parameters)
        if candidateCost.isFinite, candidateCost < cost {
          accepted = cost - candidateCost > 2e-4 * cost
          current = candidate
          cost = candidateCost
          damping = max(damping / 6, 1e-6)
          break
        }
        damping *= 6
      }
      if !accepted { break }
    }
    return Dictionary(uniqueKeysWithValues: zip(parameters.keys, current))
  }

  private func makeRows(
    _ cases: [ReferenceCase], known: [String: Double], isFitted: (String) -> Bool, parameters: inout Parameters
  ) -> [Row] {
    let weights = weights(cases)
    var rows: [Row] = []
    for (position, one) in cases.enumerated() where one.weight > 0 {
      var row = Row(
        question: one.question, measured: naturalLog(one.measured), weight: one.weight * weights[position], parts: [],
        fixed: [Double](repeating: 0, count: Quantity.allCases.count))
      for quantity in one.question.quantities {
        var effects: [(index: Int, coefficient: Double)] = []
        for effect in one.question.speedCase.effects(of: quantity) {
          guard isFitted(effect.key) else {
            row.fixed[quantity.rawValue] += (known[effect.key] ?? effect.mean) * effect.coefficient
            continue
          }
          effects.append((intern(effect, &parameters), effect.coefficient))
        }
        row.parts.append((quantity, effects))
      }
      rows.append(row)
    }
    return rows
  }

  private func intern(_ effect: Effect, _ parameters: inout Parameters) -> Int {
    if let index = parameters.index[effect.key] { return index }
    parameters.index[effect.key] = parameters.keys.count
    parameters.keys.append(effect.key)
    parameters.means.append(effect.mean)
    parameters.deviations.append(effect.deviation)
    return parameters.keys.count - 1
  }

  /// Many rows of one source on one family weigh more than one, but not in proportion: by the square root.
  private func weights(_ cases: [ReferenceCase]) -> [Double] {
    func group(_ one: ReferenceCase) -> String { "\(one.family)|\(one.question.speedCase.source ?? "")" }
    var counts: [String: Double] = [:]
    for one in cases { counts[group(one), default: 0] += 1 }
    return cases.map { 1 / (counts[group($0)] ?? 1).squareRoot() }
  }

  private func quantities(_ row: Row, _ values: [Double]) -> Quantities {
    var all = row.fixed
    for part in row.parts {
      for effect in part.effects { all[part.quantity.rawValue] += values[effect.index] * effect.coefficient }
    }
    return Quantities(logarithms: all)
  }

  private func residual(_ row: Row, _ q: Quantities) -> Double {
    let answer = naturalLog(row.question.answer(q))
    return answer.isFinite ? answer - row.measured : 20
  }

  private func cost(_ rows: [Row], _ values: [Double], _ parameters: Parameters) -> Double {
    var sum = 0.0
    for row in rows {
      let z = residual(row, quantities(row, values)) / scale
      sum += row.weight * 2 * ((1 + z * z).squareRoot() - 1)
    }
    for (index, value) in values.enumerated() {
      let z = (value - parameters.means[index]) / parameters.deviations[index]
      sum += z * z
    }
    return sum
  }

  /// Returns, for each label, the logarithms of a fit without the cases that have it, by one step from the whole fit.
  ///
  /// The step takes the label's rows out of the normal equations: as good as a new fit where few rows are taken out.
  func leavingOut(
    _ cases: [ReferenceCase], labels: [String], known: [String: Double], whole: [String: Double],
    isFitted: (String) -> Bool, use: (String, [String: Double]) -> Void
  ) {
    var parameters = Parameters()
    let fitted = zip(cases, labels).filter { $0.0.weight > 0 }
    let rows = makeRows(fitted.map(\.0), known: known, isFitted: isFitted, parameters: &parameters)
    let values = zip(parameters.keys, parameters.means).map { whole[$0] ?? $1 }
    let lines = rows.map { line($0, values) }
    var all = LinearSystem(size: values.count)
    for line in lines { all.add(line.gradient, weight: line.weight, residual: line.error) }
    addPriors(to: &all, values, parameters)
    for (label, members) in Dictionary(grouping: fitted.indices, by: { fitted[$0].1 }).sorted(by: { $0.key < $1.key }) {
      var system = all
      for index in members {
        system.add(lines[index].gradient, weight: -lines[index].weight, residual: lines[index].error)
      }
      guard let step = system.solve(damping: 1e-4) else { continue }
      let moved = zip(values, step).map { $0 - min(max($1, -1), 1) }
      use(label, Dictionary(uniqueKeysWithValues: zip(parameters.keys, moved)))
    }
  }

  /// One row of the normal equations.
  private struct Line {
    var gradient: [(index: Int, value: Double)]
    var weight: Double
    var error: Double
  }

  private func line(_ row: Row, _ values: [Double]) -> Line {
    let epsilon = 1e-4
    var q = quantities(row, values)
    let error = residual(row, q)
    let z = error / scale
    var gradient: [(index: Int, value: Double)] = []
    for part in row.parts where !part.effects.isEmpty {
      q.shift(part.quantity, by: epsilon)
      let slope = (residual(row, q) - error) / epsilon
      q.shift(part.quantity, by: -epsilon)
      guard slope != 0, slope.isFinite else { continue }
      for effect in part.effects { gradient.append((effect.index, slope * effect.coefficient)) }
    }
    return Line(gradient: gradient, weight: row.weight / (1 + z * z).squareRoot() / (scale * scale), error: error)
  }

  private func addPriors(to system: inout LinearSystem, _ values: [Double], _ parameters: Parameters) {
    for (index, value) in values.enumerated() {
      let precision = 1 / (parameters.deviations[index] * parameters.deviations[index])
      system.addPrior(index, precision: precision, residual: value - parameters.means[index])
    }
  }

  private func normalEquations(_ rows: [Row], _ values: [Double], _ parameters: Parameters) -> LinearSystem {
    var system = LinearSystem(size: values.count)
    for row in rows {
      let line = line(row, values)
      system.add(line.gradient, weight: line.weight, residual: line.error)
    }
    addPriors(to: &system, values, parameters)
    return system
  }
}
