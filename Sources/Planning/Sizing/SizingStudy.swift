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
    func answer(_ change: (inout SizingRequest) -> Void) -> SizingOption? {
      var changed = few
      change(&changed)
      return Sizing(changed, forms.asked(changed), estimator).recommended
    }
    byConfidence = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99].map { confidence in
      Point(
        confidence: confidence,
        option: answer {
          $0.isPessimistic = false
          $0.confidence = confidence
        })
    }
    sensitivity = [
      Case(name: "as asked", option: sizing.recommended),
      Case(name: "load -50%", option: answer { $0.demand.amount *= 0.5 }),
      Case(name: "load +50%", option: answer { $0.demand.amount *= 1.5 }),
      Case(
        name: "context x2",
        option: answer {
          $0.contextLength = $0.contextLength.map { $0 * 2 }
          $0.workload.inputTokens = 2 * $0.workload.inputTokens + $0.workload.outputTokens
        }),
      Case(name: "machine prices -20%", option: answer { $0.costs.scale *= 0.8 }),
      Case(name: "machine prices +20%", option: answer { $0.costs.scale *= 1.2 }),
    ]
  }

  private static let mostMachines = 10
}
