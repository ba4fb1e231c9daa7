import Planning
public import Reporting
import Units

extension RecommendationDocument {
  /// Ends a command that asks for models where there is none.
  ///
  /// - Throws: `Failure` with what stands against the most.
  public func requireModels(onlyOnAccelerators: Bool) throws {
    guard models.isEmpty else { return }
    let what = "no model for \(use.rawValue)"
    if left(of: leftOut) == 0 {
      throw Failure(
        .doesNotFit, .nothingToPlan, "\(what) in the catalogue matches these filters", remedy: "use fewer filters")
    }
    throw Failure(
      .doesNotFit, .nothingToPlan,
      onlyOnAccelerators
        ? "\(what) fits the accelerators of \(machine)" : "\(what) fits \(machine) with these filters",
      remedy: onlyOnAccelerators ? "without --gpu-only, the CPU helps" : "use fewer filters, or lower --context")
  }

  /// Models that the filters left.
  private func left(of counts: LeftOut) -> Int { total - counts.filtered }
}
