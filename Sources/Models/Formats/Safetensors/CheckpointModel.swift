import Platform
import Units

/// The parts of a checkpoint that a model is made of, gathered from a folder or from afar.
struct CheckpointParts: Sendable {
  var path: String
  var format: ModelFormat
  var config: JSONValue?
  var files: [ModelFile] = []
  var tensors: [Tensor] = []
  var metadata: [String: String] = [:]
  var hasChatTemplate: Bool?
  var tokenizer: String?
  /// Takes the headers' bytes as they are read.
  var hash = SHA256()
  var warnings: [Reason] = []
}

/// Makes a model of a safetensors or PyTorch checkpoint, or of a bare configuration.
struct CheckpointModel: Sendable {
  let parts: CheckpointParts

  /// - Throws: `ModelError.notAModel` where the configuration states what no model has, or no layers.
  func model() throws(ModelError) -> Model {
    let stated = parts.config ?? .object([:])
    if let cause = ImpossibleShape.cause(stated) { throw .notAModel(path: parts.path, cause: cause) }
    let config = Blueprint.completed(stated)
    if let cause = ImpossibleShape.cause(stated, completed: config) { throw .notAModel(path: parts.path, cause: cause) }
    let names = TensorNames(parts.tensors.lazy.map(\.name))
    var keys = ConfigKeys(config).hyperparameters()
    if parts.config == nil { keys.architecture = "unknown" }
    let rules = LayerRules(keys, tensors: names)
    let layers = rules.layers()
    let shape = ShapeRules.shape(
      keys, layers: layers, rules: rules, vocabularySize: max(0, keys.int("vocab_size") ?? 0),
      hasTiedEmbeddings: isTied(stated, config))
    let stored = StoredQuantization(config: config, metadata: parts.metadata)
    var model = Model(
      name: name(stated), format: stored.isMLX && parts.format == .safetensors ? .mlx : parts.format,
      architecture: keys.architecture, shape: shape, layers: layers)
    model.files = parts.files
    model.isArchitectureKnown = Architecture.named(keys.architecture) != nil
    model.tensors = parts.tensors
    model.tokenizer = parts.tokenizer.map { Figure($0, .header, "tokenizer_config.json") }
    model.hasChatTemplate = parts.hasChatTemplate
    model.headerDigest = parts.tensors.isEmpty ? nil : parts.hash.hexDigest
    ModelTotals.fill(&model) { stored.weights(in: $0) }
    model.quantization = quantization(stored, config)
    model.weightGroup = stored.layout?.weightGroup
    var found: [Reason] = []
    if parts.format == .config {
      found = fillFromConfiguration(&model, config, stored)
    } else {
      found = difference(model, config)
    }
    model.warnings = parts.warnings + warnings(model, config) + found
    if parts.config != nil, model.layers.isEmpty, model.parameters == nil {
      throw .notAModel(path: parts.path, cause: "its config.json has no number of layers (num_hidden_layers)")
    }
    return model
  }

  /// A bare configuration has no tensors; those that it calls for are computed.
  ///
  /// Returns what they leave out.
  private func fillFromConfiguration(
    _ model: inout Model, _ config: JSONValue, _ stored: StoredQuantization
  ) -> [Reason] {
    let type = stored.name == nil ? model.quantization?.value ?? "BF16" : "BF16"
    let plain = ConfiguredTensors(model, ConfigKeys(config))?.plain(as: type)
    // Our own rules know the layers that a table was not made with.
    let blueprint = plain != nil && Blueprint.passesOver(config) ? nil : BlueprintTensors(config)
    // An encoder is published without the head that the library's class for text puts on it.
    let isOther = model.shape.isEncoderOnly && plain != nil && blueprint?.isNamedClass == false
    let listed =
      isOther
      ? nil : blueprint.map { $0.tensors + ($0.hasVision ? [] : unseenVision(config, model, beside: $0.tensors)) }
    let built = listed?.inType(type)
    let missing = listed.map { unheard(config, beside: $0) } ?? []
    guard let chosen = Self.nearer(plain, to: built) else { return missing }
    guard let tensors = stored.name == nil ? chosen : stored.layout?.stored(chosen) else { return missing }
    model.tensors = tensors
    if model.quantization == nil { model.quantization = Figure("BF16", .assumed, "config.json states no type") }
    ModelTotals.fill(&model)
    let source = "shapes that config.json states"
    model.parameters = model.parameters.map { Figure(built.map(Self.elements) ?? $0.value, .computed, source) }
    model.tensorBytes = model.tensorBytes.map { Figure($0.value, .computed, source) }
    return missing
  }

  /// The part that sees, where the library's usual configuration of the family has none and this one has.
  private func unseenVision(_ config: JSONValue, _ model: Model, beside tensors: [Tensor]) -> [Tensor] {
    guard !tensors.contains(where: { TensorPlace($0.name).isEncoder }) else { return [] }
    return ConfiguredTensors.vision(ConfigKeys(config), width: model.shape.embeddingLength)
  }

  /// Says that a part that hears is not counted.
  private func unheard(_ config: JSONValue, beside tensors: [Tensor]) -> [Reason] {
    guard config["audio_config"]?.object != nil, !tensors.contains(where: { $0.name.contains("audio") }) else {
      return []
    }
    return [Reason(.parameterCount, "the audio encoder (audio_config) is not counted: memory is a little low")]
  }

  /// The list whose names the rules for conversion know, where it makes up what the library builds; else what that builds.
  private static func nearer(_ plain: [Tensor]?, to built: [Tensor]?) -> [Tensor]? {
    guard let plain, let built else { return plain ?? built }
    return abs(Double(elements(plain)) / Double(elements(built)) - 1) <= 0.005 ? plain : built
  }

  private static func elements(_ tensors: [Tensor]) -> Int { tensors.reduce(0) { $0 &+ $1.elementCount } }

  /// What the configuration calls for against the weights that are there; the weights win, and the difference is said.
  private func difference(_ model: Model, _ config: JSONValue) -> [Reason] {
    guard !model.shape.isEncoderOnly, let counted = model.parameters?.value, counted > 0,
      !Blueprint.passesOver(config), let built = BlueprintTensors(config)?.tensors
    else { return [] }
    let called = Self.elements(built)
    // Layers that predict further tokens, and parts that only a tool keeps, may be in the files as well.
    guard called > 0, Double(counted) < 0.99 * Double(called) || Double(counted) > 1.1 * Double(called) else {
      return []
    }
    let share = (Double(counted) / Double(called) * 100).rounded()
    return [
      Reason(
        .parameterCount,
        "the weights hold \(counted) parameters, \(Int(share))% of what config.json calls for: the figures are those of the weights"
      )
    ]
  }

  private func name(_ config: JSONValue) -> String {
    let stated = config["_name_or_path"]?.string ?? ""
    if !stated.isEmpty, !stated.hasPrefix("/"), !stated.hasPrefix(".") { return stated }
    let last = LocalFolder.lastPart(of: parts.path)
    for ending in [".safetensors", ".json"] where last.hasSuffix(ending) { return String(last.dropLast(ending.count)) }
    return last
  }

  private func isTied(_ stated: JSONValue, _ config: JSONValue) -> Bool {
    if !parts.tensors.isEmpty {
      return !parts.tensors.contains { $0.name.hasSuffix("lm_head.weight") || $0.name.hasSuffix("embed_out.weight") }
        && parts.tensors.contains { $0.name.contains("embed") }
    }
    let inner = ConfigKeys(config).text
    // The library's own default differs by family; Gemma and a few others tie without saying so.
    let standard = ConfigKeys(config).architecture.hasPrefix("gemma")
    let own = ConfigKeys(stated).text["tie_word_embeddings"] ?? stated["tie_word_embeddings"]
    return (own ?? config["tie_word_embeddings"] ?? inner["tie_word_embeddings"])?.bool ?? standard
  }

  private func quantization(_ stored: StoredQuantization, _ config: JSONValue) -> Figure<String>? {
    if let name = stored.name { return Figure(name, .header, "config.json") }
    if let type = ModelTotals.largestType(parts.tensors) {
      return Figure(type, .header, "the type that most bytes have")
    }
    let inner = ConfigKeys(config).text
    let type = (inner["dtype"] ?? inner["torch_dtype"] ?? config["dtype"] ?? config["torch_dtype"])?.string
    let names = ["bfloat16": "BF16", "float16": "F16", "float32": "F32"]
    return type.map { Figure(names[$0] ?? $0, .header, "config.json") }
  }

  private func warnings(_ model: Model, _ config: JSONValue) -> [Reason] {
    var warnings: [Reason] = []
    if parts.config == nil {
      warnings.append(
        Reason(.noConfiguration, "there is no config.json beside the weights: the layers are not known"))
    } else if !model.isArchitectureKnown {
      warnings.append(
        Reason(
          .unknownArchitecture,
          "unknown architecture \(model.architecture): taken as a plain decoder with full attention on all layers, so the "
            + "figures are rough"))
    }
    if config["auto_map"] != nil {
      warnings.append(
        Reason(
          .customCode, "the model has Python code of its own, which engines run only with --trust-remote-code",
          remedy: "read the code first; then --trust-remote-code"))
    }
    return warnings
  }
}
