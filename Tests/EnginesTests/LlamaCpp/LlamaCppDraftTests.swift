import Engines
import Testing

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

  @Test func olderBuildsAreNotAskedForIt() {
    let old = launch.understood(byHelp: "-md, --model-draft FNAME")
    #expect(old.arguments.contains("-md") && !old.arguments.contains("--spec-type"))
    #expect(launch.understood(byHelp: "--spec-type none,draft-simple,ngram-mod").arguments.contains("--spec-type"))
    // A build of which nothing is known reads the variable, or passes over it.
    #expect(launch.understoodByAnyBuild(of: LlamaCpp().operation).environment["LLAMA_ARG_SPEC_TYPE"] == "draft-simple")
  }
}
