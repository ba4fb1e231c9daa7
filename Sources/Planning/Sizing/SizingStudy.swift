import Engines
import Hardware

/// How the answer changes with what was asked: what surer answers cost, and what other loads, lengths and prices do.
///
/// The machines that come first in the answer are asked again, not the whole catalogue.
public struct SizingStudy: Hashable, Sendable, Codable {
  /// The cheapest that holds the load with a probability; no option where none does.
  public struct Point: Hashable, Sendable, Codable {
    public var confidence: Double
    public var option: SizingOption?
  }

  /// The answer to a changed question.
  public struct Case: Hashable, Sendable, Codable {
    /// What was changed, in words.
    public var name: String
    public var option: SizingOption?
  }

  public var alternatives: SizingAlternatives
  /// What the recommendation rests on, or the first option where nothing is recommended.
  public var assumptions: [SizingAssumption]
  public var byConfidence: [Point]
  public var sensitivity: [Case]
  /// Machines that were asked again.
  public var machines: [String]

  public init(_ request: SizingRequest, _ sizing: Sizing, estimator: SpeedEstimator) {
    self.init(request, sizing, estimator: estimator, goOn: { () throws(Never) in })
  }

  /// The same, until somebody ends it.
  ///
  /// - Parameter goOn: called before each machine; what it throws ends the study.
  public init<Stop: Error>(
    _ request: SizingRequest, _ sizing: Sizing, estimator: SpeedEstimator, goOn: () throws(Stop) -> Void
  ) throws(Stop) {
    var names: [String] = []
    for option in sizing.options where !names.contains(option.machine) && names.count < Self.mostMachines {
      names.append(option.machine)
    }
    machines = names
    alternatives = sizing.alternatives
    assumptions = (sizing.recommended ?? sizing.options.first).map { sizing.assumptions(of: $0) } ?? []
    var few = request
    few.candidates = request.candidates.filter { names.contains(SizingBox.listed($0).machine.name) }
    let forms = SizingForms(request)
    func answer(_ change: (inout SizingRequest) -> Void) throws(Stop) -> SizingOption? {
      var changed = few
      change(&changed)
      return try Sizing(changed, forms.asked(changed), estimator, goOn: goOn).recommended
    }
    byConfidence = []
    for confidence in [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99] {
      let option = try answer {
        $0.isPessimistic = false
        $0.confidence = confidence
      }
      byConfidence.append(Point(confidence: confidence, option: option))
    }
    sensitivity = [Case(name: "as asked", option: sizing.recommended)]
    for (name, change) in Self.changes {
      sensitivity.append(Case(name: name, option: try answer(change)))
    }
  }

  private static let changes: [(name: String, change: @Sendable (inout SizingRequest) -> Void)] = [
    ("load -50%", { $0.demand.amount *= 0.5 }),
    ("load +50%", { $0.demand.amount *= 1.5 }),
    (
      "context x2",
      {
        $0.contextLength = $0.contextLength.map { $0 * 2 }
        $0.workload.inputTokens = 2 * $0.workload.inputTokens + $0.workload.outputTokens
      }
    ),
    ("machine prices -20%", { $0.costs.scale *= 0.8 }),
    ("machine prices +20%", { $0.costs.scale *= 1.2 }),
  ]

  private static let mostMachines = 10
}
