import ArgumentParser
import Planning
import Platform
import Profiles
import Units
import Workflows

/// Says which machines, and how many, hold a model under a load, and what that costs.
struct Size: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plan capacity: which machines hold a load, at what cost.",
    usage: "plimsoll size MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll size llama-3.1-70b --workload chat --users 200
        plimsoll size 70b --on h100-sxm5-80gb --price "8x h100=250k" --context 32k,64k

      Workload options take lists, such as --users 50,200: one row for each value.
      """)

  @Argument(
    help: "A model, as for plimsoll plan, or a size such as 70b.", completion: Completion.models)
  var model: String
  @OptionGroup(title: "Model") var forms: SizeFormOptions
  @OptionGroup(title: "Workload") var load: SizeLoadOptions
  @OptionGroup(title: "Margin") var margin: SizeMarginOptions
  @OptionGroup(title: "Machine") var machines: SizeMachineOptions
  @OptionGroup(title: "Cost") var costs: SizeCostOptions
  @OptionGroup(title: "Output") var output: SizeOutputOptions

  func run() async throws {
    let context = machines.names.workspace()
    let profiles = context.catalogue()
    let requests = try await requests(profiles, context)
    let estimator = SpeedEstimator(try profiles.efficiencies())
    let answers = requests.map { name, request in
      var sizing = Sizing(request, estimator: estimator)
      if output.hasStudy { sizing.study = SizingStudy(request, sizing, estimator: estimator) }
      return SizingTiers.Tier(name: name, sizing: sizing)
    }
    for answer in answers { try answer.sizing.requireUnambiguousPrices() }
    guard answers.count == 1, let sizing = answers.first?.sizing else {
      let tiers = SizingTiers(answers)
      try output.print(tiers, at: context.clock.wallSeconds())
      return try tiers.requireAnswer()
    }
    try output.print(sizing, isShortlist: !machines.on.isEmpty, at: context.clock.wallSeconds())
    try sizing.requireAnswer()
  }
}
