import ArgumentParser
import Benchmarking

/// What a benchmark asks a server.
struct PromptOptions: ParsableArguments {
  @Option(help: "Tokens of each prompt: 256, 100-400, normal:256:50 or lognormal:200:0.8.") var inputTokens = "256"
  @Option(help: "Tokens of each answer, in the same forms.") var outputTokens = "64"
  @Flag(help: "Let the model end its answers.") var freeOutputLength = false
  @Option(help: ArgumentHelp("A file of prompts or a trace.", valueName: "file")) var dataset: String?
  @Option(help: "What the file is: \(DatasetSettings.Kind.allCases.map { $0.rawValue }.joined(separator: ", ")).")
  var datasetKind: DatasetSettings.Kind = .jsonl
  @Option(help: "Tokens at the head of each prompt that all of its group share.") var sharedPrefix = 0
  @Option(help: "Groups of shared prefixes.") var prefixGroups = 1
  @Option(help: "Turns of each conversation; later ones carry the real answers.") var turns = 1
  @Option(help: "cold: prompts that no cache can know; warm: sent once before; measured: as they are.")
  var cache: CacheMode = .cold

  func validate() throws {
    guard (0...10_000_000).contains(sharedPrefix), (1...1_000_000).contains(prefixGroups), (1...1000).contains(turns)
    else { throw ValidationError("--shared-prefix, --prefix-groups or --turns is out of range") }
  }

  var isTrace: Bool { dataset != nil && (datasetKind == .mooncake || datasetKind == .azure) }

  func datasetSettings() throws -> DatasetSettings {
    func length(_ text: String, _ name: String) throws -> LengthDistribution {
      guard let length = LengthDistribution(parsing: text) else {
        throw ValidationError("cannot read \(name) \"\(text)\": write 256, 100-400, normal:256:50 or lognormal:200:0.8")
      }
      return length
    }
    var settings = DatasetSettings(
      kind: dataset == nil ? .synthetic : datasetKind, path: dataset,
      input: try length(inputTokens, "--input-tokens"), output: try length(outputTokens, "--output-tokens"))
    settings.sharedPrefixTokens = sharedPrefix
    settings.prefixGroups = prefixGroups
    settings.turns = turns
    return settings
  }
}
