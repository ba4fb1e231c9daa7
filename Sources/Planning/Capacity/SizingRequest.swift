public import Hardware
public import Models
import Units

/// What is to be held, and what may be bought for it.
public struct SizingRequest: Sendable {
  public var modelName: String
  /// As it was read, or made of the traits that its name or size implies.
  public var model: Model
  public var traits: ModelTraits
  /// Ways to store the model that may be considered, best quality first.
  public var quantizations: [SizingQuantization]
  /// Lengths and latency targets at the busiest time.
  public var workload: Workload
  /// The load at the busiest time; the workload's requests in flight where nothing else is said.
  public var demand: SizingDemand
  /// Factor by which the load is to grow within what is bought.
  public var growth: Double = 1
  /// True where the targets are to be kept at the upper ends of the bands, not as expected.
  public var isPessimistic = false
  /// Machines and accelerators to consider.
  public var candidates: [Machine]
  /// Numbers of accelerators in one box, for those that are listed by themselves.
  public var counts: [Int] = [1, 2, 4, 8]
  public var mostBoxes = 64
  public var costs = CostBasis()

  /// Asks about a model of which the traits alone are known.
  public init(
    modelName: String, traits: ModelTraits, quantizations: [SizingQuantization], workload: Workload,
    candidates: [Machine]
  ) {
    self.init(
      model: Model(traits, name: modelName), traits: traits, quantizations: quantizations, workload: workload,
      candidates: candidates)
    self.modelName = modelName
  }

  /// Asks about a model that was read.
  public init(
    model: Model, traits: ModelTraits, quantizations: [SizingQuantization], workload: Workload, candidates: [Machine]
  ) {
    modelName = model.name
    self.model = model
    self.traits = traits
    self.quantizations = quantizations
    self.workload = workload
    self.candidates = candidates
    demand = SizingDemand(.concurrency, Double(workload.concurrency))
  }

  /// What was asked for and can be sized, but will hardly be what is meant.
  var doubts: [Reason] {
    let (trained, wanted) = (model.shape.contextLength, workload.inputTokens + workload.outputTokens)
    guard trained > 0, wanted > trained else { return [] }
    return [
      Reason(
        .beyondTrainedContext,
        "a request has \(wanted.grouped) tokens, and the model was trained for \(trained.grouped): "
          + "beyond that its answers fall apart",
        remedy: "use a shorter --input or --output, or a model that was trained for longer texts")
    ]
  }
}
