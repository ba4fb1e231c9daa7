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
  func fit(
    _ cases: [ReferenceCase], known: [String: Double] = [:], isFitted: (String) -> Bool
  ) -> [String: Double] {
    var parameters = Parameters()
    let rows = makeRows(cases, known: known, isFitted: isFitted, parameters: &parameters)
    var current = parameters.means
    var cost = cost(rows, current, parameters)
    var damping = 1e-2
    for _ in 0..<iterations {
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
          accepted = cost - candidateCost > 1e-4 * cost
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
    let weights = familyWeights(cases)
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

  /// A family with many rows weighs more than one with few, but not in proportion: by the square root.
  private func familyWeights(_ cases: [ReferenceCase]) -> [Double] {
    var counts: [String: Double] = [:]
    for one in cases { counts[one.family, default: 0] += 1 }
    let usual = cases.compactMap { counts[$0.family] }.quantile(0.5) ?? 1
    return cases.map { (usual / (counts[$0.family] ?? 1)).squareRoot() }
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

  private func normalEquations(_ rows: [Row], _ values: [Double], _ parameters: Parameters) -> LinearSystem {
    var system = LinearSystem(size: values.count)
    let epsilon = 1e-4
    var gradient: [(index: Int, value: Double)] = []
    for row in rows {
      var q = quantities(row, values)
      let error = residual(row, q)
      let z = error / scale
      let weight = row.weight / (1 + z * z).squareRoot() / (scale * scale)
      gradient.removeAll(keepingCapacity: true)
      for part in row.parts where !part.effects.isEmpty {
        q.shift(part.quantity, by: epsilon)
        let slope = (residual(row, q) - error) / epsilon
        q.shift(part.quantity, by: -epsilon)
        guard slope != 0, slope.isFinite else { continue }
        for effect in part.effects { gradient.append((effect.index, slope * effect.coefficient)) }
      }
      system.add(gradient, weight: weight, residual: error)
    }
    for (index, value) in values.enumerated() {
      let precision = 1 / (parameters.deviations[index] * parameters.deviations[index])
      system.addPrior(index, precision: precision, residual: value - parameters.means[index])
    }
    return system
  }
}
