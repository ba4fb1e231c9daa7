import ArgumentParser
import Engines
import Planning
import Platform
import Reporting
import Workflows

/// Which models this machine, or another, runs well.
struct RecommendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract: "List the models that a machine runs well, best first.",
    usage: "plimsoll recommend [OPTIONS]",
    discussion: """
      Examples:
        plimsoll recommend --for code
        plimsoll recommend --on "MacBook Air M2 16 GB" --license apache --context 32k
      """)
  @OptionGroup(title: "Objective") var objectives: ObjectiveOptions
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup(title: "Model") var filters: RecommendOptions
  @Flag(help: "Ask the Hub for newer models too.") var online = false
  @OptionGroup(title: "Output") var output: RecommendOutput

  func run() async throws {
    let workspace = machine.workspace()
    let use = objectives.use ?? .chat
    var recommender = Recommender(for: try await machine.machine(workspace), use: use, in: workspace)
    var wishes = PlanWishes()
    objectives.apply(to: &wishes)
    recommender.objective = wishes.resolvedObjective(for: Workload(), usual: use)
    recommender.isOnAcceleratorsOnly = objectives.gpuOnly
    recommender.filter = filters.filter(use)
    if machine.expression == nil { recommender.enginesHere = workspace.enginesHere }
    (recommender.limit, recommender.showsSlow) = (output.limit, output.all)
    let document = try await online ? recommender.recommendedOnline() : recommender.recommended()
    try document.requireModels(onlyOnAccelerators: objectives.gpuOnly)
    if output.json {
      try JSONOutput.print(document)
    } else if output.csv {
      Terminal.document(document.csv(), end: "")
    } else {
      let screen = RecommendationScreen(document, explains: output.explain, isThisMachine: machine.expression == nil)
      Terminal.result(screen.rendered())
    }
  }
}
