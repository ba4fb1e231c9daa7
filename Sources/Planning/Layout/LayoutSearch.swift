import Engines
import Hardware
import Models
import Units

/// Finds where one form of a model goes for one engine: the layouts that a specialist would try, in that order, each
/// judged by the engine's own memory rules, by what the engine says that it can take.
struct LayoutSearch {
  /// What is asked, before a layout is chosen.
  let question: Question
  let memory: MemoryEstimator
  /// Says which of several layouts is faster; nil leaves it to rules.
  var speed: SpeedEstimator?
  /// The layout that was asked for; nil leaves it to the search.
  var asked: Placement?
  /// Servers that were asked for; nil takes as many as are best for the requests in flight.
  var replicas: Int?

  init(
    _ question: Question, memory: MemoryEstimator, speed: SpeedEstimator? = nil, asked: Placement? = nil,
    replicas: Int? = nil
  ) {
    self.question = question
    self.memory = memory
    self.speed = speed
    self.asked = asked
    self.replicas = replicas
  }

  var machine: Machine { question.machine }
  var form: ModelForm { question.form }
  var layerCount: Int { question.model.layers.count }
  var abilities: LayoutAbilities { memory.facts.layouts }

  /// All devices together.
  var whole: Placement {
    var whole = Placement()
    whole.devices = Array(machine.accelerators.indices)
    return whole
  }

  /// The best layout; where none holds the model, the last that was tried, or the one that was asked for.
  func fit() -> Fit {
    if let asked { return fit(asked: asked) }
    guard !machine.accelerators.isEmpty else { return processors() }
    return switch abilities.devices {
    case .none: processors()
    case .unified(let maker): unified(maker) ?? processors()
    case .layers(let most): layers(most: most)
    case .tensors: tensors()
    }
  }

  /// Every layout that fills the machine with servers of one kind and holds at least one request in each.
  func every() -> [Fit] {
    guard !machine.accelerators.isEmpty else { return everyProcessorLayout() }
    return switch abilities.devices {
    case .none: everyProcessorLayout()
    case .unified(let maker): unified(maker).map { [$0].filter(\.fits) } ?? everyProcessorLayout()
    case .layers(let most): everyLayerSplit(most: most)
    case .tensors: everyCut()
    }
  }

  /// One memory for processor and GPU; nil where no GPU is of the maker.
  private func unified(_ maker: Maker) -> Fit? {
    var whole = Placement()
    whole.devices = machine.accelerators.indices.filter { machine.accelerators[$0].vendor.value == maker }
    guard !whole.devices.isEmpty else { return nil }
    var fit = memory.judged(question.with(whole))
    if fit.fits { fit.why = LayoutReason.unified(fit.settings, layers: question.model.layers.count) }
    return fit
  }

  private func fit(asked: Placement) -> Fit {
    let degree = TensorDegree(model: question.model, quantization: form.name)
    let unsuited = abilities.hasDegrees ? degree.refusal(asked, devices: machine.accelerators.count) : nil
    let placed = question.with(asked)
    if let refusal = memory.refusal(of: asked, placed) ?? unsuited { return Fit(placed, .unsupported, refusal) }
    let first = memory.judged(placed)
    let canMoveLayers = asked.gpuLayers == nil && !asked.devices.isEmpty && abilities.movesToHost
    guard !first.fits, first.verdict != .unsupported, canMoveLayers else { return first }
    return partial(asked) ?? first
  }

  // MARK: - Under a load

  /// True where there are requests enough to compare layouts by speed.
  var comparesSpeeds: Bool { speed != nil && question.workload.concurrency > 1 }

  private var hasTargets: Bool { question.workload.hasTargets }

  /// How much faster another layout has to be before it is preferred to the one that the rules say.
  private static let muchFaster = 1.25

  /// Of layouts that hold the model: the one that the rules say, unless it misses the targets and another keeps them, or
  /// another is predicted to be much faster. Requests seldom fill the context that is kept for each.
  func best(ruled: Fit, among held: [Fit]) -> Fit {
    guard let speed, comparesSpeeds || hasTargets else { return ruled }
    func rate(_ fit: Fit) -> Double { speed.outputRate(fit.question, room: fit.room) ?? 0 }
    if hasTargets, speed.keepsTargets(ruled.question, room: ruled.room) == false {
      let keeping = held.filter { speed.keepsTargets($0.question, room: $0.room) == true }
      if let best = keeping.max(by: { rate($0) < rate($1) }) {
        var fit = best
        fit.why = fit.why.map { LayoutReason.keepsTargets($0) }
        return fit
      }
    }
    guard comparesSpeeds else { return ruled }
    let usual = rate(ruled)
    let rated = held.map { (fit: $0, rate: rate($0)) }
    guard usual > 0, let best = rated.max(by: { $0.rate < $1.rate }), best.rate > usual * Self.muchFaster else {
      return ruled
    }
    var fit = best.fit
    fit.why = fit.why.map { LayoutReason.faster($0, by: best.rate / usual) }
    return fit
  }
}
