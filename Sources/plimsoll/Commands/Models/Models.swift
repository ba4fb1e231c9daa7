import ArgumentParser
import Platform

/// Models on the Hugging Face Hub and in the cache that every tool shares.
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Find, fetch, list, verify and remove models.",
    discussion: """
      Examples:
        plimsoll models search qwen3 --fits
        plimsoll models pull ggml-org/SmolLM2-135M-Instruct-GGUF:Q8_0

      Uses HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT and HF_HUB_OFFLINE as the official client does.
      """,
    subcommands: [
      ModelsCatalogue.self, ModelsSearch.self, ModelsShow.self, ModelsPull.self, ModelsList.self, ModelsVerify.self,
      ModelsRemove.self,
    ],
    defaultSubcommand: ModelsList.self)
}
