import ArgumentParser
import Workflows

/// The model that a command is about.
struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A name such as qwen3-8b, a file or folder, hf:org/name[@revision][:file|:QUANT], or an https:// address."),
    completion: Completion.models)
  var model: String

  /// The model, with its other quantizations where a folder or a repository was named.
  func found(_ context: Workspace) async throws -> FoundModel {
    try await ModelSource(model, in: context).found()
  }
}
