import ArgumentParser
import Models
import Planning
import Workflows

/// Which forms of the model are considered, and what is loaded beside it.
struct FormOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Q4_K_M,Q8_0, or as-is, files, usual, all.", valueName: "list"))
  var quantizations = "usual"
  @Flag(
    help: ArgumentHelp(
      "An importance matrix is at hand for the quantizations that need one.", visibility: .hidden))
  var imatrix = false
  @Option(
    help: ArgumentHelp(
      "Projector of a vision model, or none.", valueName: "file"),
    completion: .file())
  var mmproj: String?
  @OptionGroup var speculation: SpeculationOptions
  @Option(
    help: ArgumentHelp("LoRA adapter: a GGUF file, or a folder (vLLM, MLX).", valueName: "path"),
    completion: .file())
  var lora: [String] = []

  /// The files that are loaded beside the model, with their sizes.
  func companions(of model: Model) throws -> [Companion] {
    try PlanWishes.companions(of: model, projector: mmproj, adapters: lora)
  }
}
