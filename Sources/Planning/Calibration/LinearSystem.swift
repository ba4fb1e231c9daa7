/// The normal equations of a least-squares step: a symmetric matrix and a right side.
package struct LinearSystem {
  /// The number of unknowns.
  package let size: Int
  private var matrix: [Double]
  private var right: [Double]

  /// Creates the equations of so many unknowns, all zero.
  package init(size: Int) {
    self.size = size
    matrix = [Double](repeating: 0, count: size * size)
    right = [Double](repeating: 0, count: size)
  }

  /// Adds one row with its sparse gradient.
  package mutating func add(_ gradient: [(index: Int, value: Double)], weight: Double, residual: Double) {
    for one in gradient {
      right[one.index] += weight * one.value * residual
      for other in gradient where other.index <= one.index {
        matrix[one.index * size + other.index] += weight * one.value * other.value
      }
    }
  }

  /// Sets one place of the matrix's lower half.
  package mutating func set(_ row: Int, _ column: Int, to value: Double) { matrix[row * size + column] = value }

  /// Sets one place of the right side.
  package mutating func set(right row: Int, to value: Double) { right[row] = value }

  /// Adds a prior on one unknown.
  package mutating func addPrior(_ index: Int, precision: Double, residual: Double) {
    matrix[index * size + index] += precision
    right[index] += precision * residual
  }

  /// Solves with the diagonal raised by a share of itself, by Cholesky; nil where the matrix is not positive.
  package func solve(damping: Double) -> [Double]? {
    var lower = matrix
    for index in 0..<size { lower[index * size + index] *= 1 + damping }
    for row in 0..<size {
      for column in 0...row {
        var sum = lower[row * size + column]
        for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
        if row == column {
          guard sum > 0 else { return nil }
          lower[row * size + row] = sum.squareRoot()
        } else {
          lower[row * size + column] = sum / lower[column * size + column]
        }
      }
    }
    return substitute(lower)
  }

  private func substitute(_ lower: [Double]) -> [Double] {
    var solution = right
    for row in 0..<size {
      for inner in 0..<row { solution[row] -= lower[row * size + inner] * solution[inner] }
      solution[row] /= lower[row * size + row]
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      for inner in stride(from: row + 1, to: size, by: 1) {
        solution[row] -= lower[inner * size + row] * solution[inner]
      }
      solution[row] /= lower[row * size + row]
    }
    return solution
  }
}
