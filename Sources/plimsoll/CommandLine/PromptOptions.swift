import ArgumentParser
import Benchmarking

/// What a benchmark asks a server.
struct PromptOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Prompt tokens, else 256: 100-400, normal:256:50 or lognormal:200:0.8.", valueName: "lengths"))
  var inputTokens: String?
  @Option(
    help: ArgumentHelp(
      "Answer tokens in the same forms (default: 64).", valueName: "lengths"))
  var outputTokens: String?
  @Flag(help: ArgumentHelp("Let the model decide how long answers are.", visibility: .hidden)) var freeOutputLength =
    false
  @Option(help: ArgumentHelp("A file of prompts or a trace.", valueName: "file")) var dataset: String?
  @Option(help: ArgumentHelp("Its format (default: jsonl).", valueName: "kind"))
  var datasetKind: DatasetSettings.Kind?
  @Option(help: ArgumentHelp("First tokens that all prompts share.", valueName: "n")) var sharedPrefix = 0
  @Option(help: ArgumentHelp("Groups of shared prefixes (default: 1).", visibility: .hidden)) var prefixGroups: Int?
  @Option(help: ArgumentHelp("Turns of each conversation; later ones carry the real answers.", visibility: .hidden))
  var turns = 1
  @Option(
    help: ArgumentHelp(
      "cold: new prompts; warm: each sent once before; measured: as they are.", visibility: .hidden))
  var cache: CacheMode = .cold

  func validate() throws {
    let groups = prefixGroups ?? 1
    guard (0...10_000_000).contains(sharedPrefix), (1...1_000_000).contains(groups), (1...1000).contains(turns) else {
      throw ValidationError("--shared-prefix, --prefix-groups or --turns is out of range")
    }
    if prefixGroups != nil, sharedPrefix == 0 { throw ValidationError("--prefix-groups needs --shared-prefix") }
    if dataset == nil {
      guard kind == .synthetic else {
        throw ValidationError("--dataset-kind \(kind.rawValue) needs the file: --dataset FILE")
      }
    } else {
      try checkFile()
    }
  }

  /// Prompts of a file are taken as they are.
  private func checkFile() throws {
    if kind == .synthetic { throw ValidationError("--dataset-kind synthetic reads no file: leave out --dataset") }
    if inputTokens != nil || sharedPrefix > 0 {
      throw ValidationError("the prompts are the file's: leave out --input-tokens and --shared-prefix")
    }
    if turns > 1, kind != .shareGPT {
      throw ValidationError("--turns is for synthetic prompts and sharegpt: in other files each line has its own turns")
    }
  }

  private var kind: DatasetSettings.Kind { datasetKind ?? (dataset == nil ? .synthetic : .jsonl) }

  var isTrace: Bool { kind == .mooncake || kind == .azure }

  /// True where an option was given that only prompts to a server have.
  var isGiven: Bool {
    inputTokens != nil || outputTokens != nil || dataset != nil || sharedPrefix > 0 || turns > 1 || freeOutputLength
      || cache != .cold
  }

  func datasetSettings() throws -> DatasetSettings {
    func length(_ text: String, _ name: String) throws -> LengthDistribution {
      guard let length = LengthDistribution(parsing: text) else {
        throw ValidationError("cannot read \(name) \"\(text)\": write 256, 100-400, normal:256:50 or lognormal:200:0.8")
      }
      return length
    }
    var settings = DatasetSettings(
      kind: kind, path: dataset, input: try length(inputTokens ?? "256", "--input-tokens"),
      output: try length(outputTokens ?? "64", "--output-tokens"))
    guard dataset != nil || Double(sharedPrefix) < settings.inputLength.mean else {
      throw ValidationError("--shared-prefix \(sharedPrefix) leaves nothing of the prompts: give longer --input-tokens")
    }
    if dataset != nil, outputTokens != nil { settings.replacesOutputLengths = true }
    settings.sharedPrefixTokens = sharedPrefix
    settings.prefixGroups = prefixGroups ?? 1
    settings.turns = turns
    return settings
  }
}
