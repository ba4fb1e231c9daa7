/// One addend of a quantity's logarithm: a fitted number that cases with the same key share.
package struct Effect: Hashable, Sendable {
  /// `local.weightBandwidth.class.nv-geforce`.
  package var key: String
  /// What the number is multiplied with: 1, or a covariate.
  package var coefficient: Double = 1
  /// Where the number is drawn to for want of data, and how weakly: shrinkage to the parent.
  package var mean: Double
  package var deviation: Double
}

/// Builds the effects of a quantity for one case.
///
/// A quantity is the product of a base and of deviations by class, generation, backend, engine and format, each drawn to
/// one; so an unknown class or engine falls back on what its relatives do.
struct EffectList {
  private let prefix: String
  private(set) var effects: [Effect] = []

  init(_ stack: String, _ quantity: Quantity) {
    prefix = "\(stack).\(quantity.name)"
  }

  /// The common value for all cases, with the deviation of its prior in log space.
  mutating func base(_ value: Double, _ deviation: Double, _ name: String = "") {
    effects.append(Effect(key: "\(prefix).base.\(name)", mean: naturalLog(value), deviation: deviation))
  }

  /// A deviation shared by the cases with this name; left out where the name is nil.
  mutating func by(_ kind: String, _ name: String?, _ deviation: Double, mean: Double = 0, coefficient: Double = 1) {
    guard let name else { return }
    effects.append(Effect(key: "\(prefix).\(kind).\(name)", coefficient: coefficient, mean: mean, deviation: deviation))
  }
}
