import Engines
import Models
import Testing
import Units

/// A draft model is only used by builds of today when they are told what kind of guessing is meant.
@Suite struct LlamaCppDraftTests {
  private var launch: LaunchConfiguration {
    var asked = LaunchRequest(modelPath: "/m.gguf", contextLength: 512, parallel: 1)
    asked.settings.draftPath = "/draft.gguf"
    return LlamaCpp().launch(asked)
  }

  @Test func namesTheKindOfGuessing() {
    let flag = launch.flags.first { $0.words.first == "--spec-type" }
    #expect(flag?.words == ["--spec-type", "draft-simple"])
    // On a machine with GPUs a draft that was planned for the CPU would go there by itself.
    #expect(launch.flags.contains { $0.words == ["-ngld", "0"] })
    #expect(!LlamaCpp().launch(LaunchRequest(modelPath: "/m", contextLength: 1, parallel: 1)).arguments.contains("-md"))
  }

  @Test func theModelsOwnLayersGuessWithoutAFile() {
    var asked = LaunchRequest(modelPath: "/m.gguf", contextLength: 512, parallel: 1)
    asked.settings.speculation = SpeculationSettings(.predictionLayers, predictionLayers: 1)
    let launch = LlamaCpp().launch(asked)
    #expect(launch.flags.contains { $0.words == ["--spec-type", "draft-mtp"] })
    #expect(launch.flags.contains { $0.words == ["--spec-draft-n-max", "3"] })
    #expect(!launch.arguments.contains("-md") && !launch.arguments.contains("-ngld"))
    // A build without it would guess nothing, and must refuse.
    #expect(launch.understood(byHelp: "-md, --model-draft FNAME").arguments.contains("draft-mtp"))
    // vLLM takes multiples of the layers.
    asked.settings.speculation = SpeculationSettings(.predictionLayers, predictionLayers: 2)
    let words = VLLM().launch(asked).flags.map(\.words)
    #expect(words.contains(["--speculative-config.method", "mtp"]))
    #expect(words.contains(["--speculative-config.num_speculative_tokens", "4"]))
    #expect(!words.contains { $0.first == "--speculative-config.model" })
  }

  @Test func aDraftsFileSaysHowItGuesses() {
    func draft(_ architecture: String, tensors: [String] = [], predicts: Bool = false) -> Model {
      var layer = Layer(
        kind: .full, headCount: 8, kvHeadCount: 8, keyLength: 64, valueLength: 64, feedForwardLength: 1024)
      layer.isNextTokenPrediction = predicts
      var model = Model(
        name: "draft", format: .gguf, architecture: architecture,
        shape: ModelShape(embeddingLength: 512, vocabularySize: 32_000, contextLength: 4096), layers: [layer])
      model.tensors = tensors.map { Tensor(name: $0, dimensions: [4], type: "F16", bytes: ByteCount(8)) }
      return model
    }
    #expect(SpeculationMethod(of: draft("qwen3")) == .draftModel)
    #expect(SpeculationMethod(of: draft("eagle3")) == .eagle3)
    #expect(SpeculationMethod(of: draft("dflash")) == .dflash)
    #expect(SpeculationMethod(of: draft("dflash", tensors: ["markov_w1.weight"])) == .dspark)
    #expect(SpeculationMethod(of: draft("qwen35", predicts: true)) == .predictionLayers)
  }

  @Test func olderBuildsAreNotAskedForIt() {
    let old = launch.understood(byHelp: "-md, --model-draft FNAME")
    #expect(old.arguments.contains("-md") && !old.arguments.contains("--spec-type"))
    #expect(launch.understood(byHelp: "--spec-type none,draft-simple,ngram-mod").arguments.contains("--spec-type"))
    // A build of which nothing is known reads the variable, or passes over it.
    #expect(launch.understoodByAnyBuild(of: LlamaCpp().operation).environment["LLAMA_ARG_SPEC_TYPE"] == "draft-simple")
  }
}
