public import Benchmarking
import Deployment
import Engines
import Planning
import Units

extension PlanOption {
  /// Tokens that one request may have, prompt and answer together.
  var requestRoom: Int {
    // Slots that share one cache leave all of it to one request.
    if launch?.flags.contains(where: { $0.role == .sharedCache }) == true { return contextLength }
    return EngineCatalogue.engine(engine).planning.context.ofEach(contextLength, slots: parallel, isShared: false)
  }
}

extension Workspace {
  /// Refuses a load whose requests are longer than the deployment's context: each of them would fail.
  ///
  /// - Throws: `Failure` with the longest prompt that works. What is no deployment says for itself what it refuses.
  public func requireRoom(on target: BenchmarkTarget, for settings: BenchmarkSettings) throws(Failure) {
    guard settings.dataset.kind == .synthetic, settings.dataset.turns <= 1,
      let option = deployer.list().first(where: { $0.name == target.name })?.option
    else { return }
    let answer = settings.dataset.outputLength.longest
    let (asked, room) = (settings.dataset.inputLength.longest + answer, option.requestRoom)
    guard asked > room else { return }
    // A chat template and the tokenizer's rounding add to each prompt: `run` leaves the same room for them.
    let most = (room - 128) * 4 / 5 - answer
    let context = "or deploy it with --context \(MainJobLoad.room(forRequestOf: asked))"
    throw Failure(
      .usage, .requestLongerThanSlot,
      "a request of \(asked.grouped) tokens has no room in the \(room.grouped) of each request to \(target.name)",
      remedy: most >= 16
        ? "use --input-tokens \(most), \(context)"
        : "use fewer --output-tokens, \(context)")
  }
}

extension LengthDistribution {
  /// The longest, where there is one; else the middle, which half of all go beyond.
  fileprivate var longest: Int {
    switch self {
    case .constant(let count): count
    case .uniform(let low, let high): max(low, high)
    case .normal(let mean, _): Int(min(mean, 1e9))
    case .logNormal(let median, _): Int(min(median, 1e9))
    }
  }
}
