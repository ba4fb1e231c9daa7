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

  func model() -> Model {
    let config = parts.config ?? .object([:])
    let names = TensorNames(parts.tensors.lazy.map(\.name))
    var keys = ConfigKeys(config).hyperparameters()
    if parts.config == nil { keys.architecture = "unknown" }
    let rules = LayerRules(keys, tensors: names)
    let layers = rules.layers()
    let shape = ShapeRules.shape(
      keys, layers: layers, rules: rules, vocabularySize: max(0, keys.int("vocab_size") ?? 0),
      hasTiedEmbeddings: isTied(config))
    let stored = StoredQuantization(config: config, metadata: parts.metadata)
    var model = Model(
      name: name(config), format: stored.isMLX && parts.format == .safetensors ? .mlx : parts.format,
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
    if parts.format == .config { fillFromConfiguration(&model, ConfigKeys(config), stored) }
    model.warnings = parts.warnings + warnings(model, config)
    return model
  }

  /// A bare configuration has no tensors; those that it calls for are computed.
  private func fillFromConfiguration(_ model: inout Model, _ keys: ConfigKeys, _ stored: StoredQuantization) {
    guard let configured = ConfiguredTensors(model, keys) else { return }
    let type = stored.name == nil ? model.quantization?.value ?? "BF16" : "BF16"
    guard let plain = configured.plain(as: type),
      let tensors = stored.name == nil ? plain : stored.layout?.stored(plain)
    else { return }
    model.tensors = tensors
    if model.quantization == nil { model.quantization = Figure("BF16", .assumed, "config.json states no type") }
    ModelTotals.fill(&model)
    let source = "shapes that config.json states"
    model.parameters = model.parameters.map { Figure($0.value, .computed, source) }
    model.tensorBytes = model.tensorBytes.map { Figure($0.value, .computed, source) }
  }

  private func name(_ config: JSONValue) -> String {
    let stated = config["_name_or_path"]?.string ?? ""
    if !stated.isEmpty, !stated.hasPrefix("/"), !stated.hasPrefix(".") { return stated }
    let last = LocalFolder.lastPart(of: parts.path)
    for ending in [".safetensors", ".json"] where last.hasSuffix(ending) { return String(last.dropLast(ending.count)) }
    return last
  }

  private func isTied(_ config: JSONValue) -> Bool {
    if !parts.tensors.isEmpty {
      return !parts.tensors.contains { $0.name.hasSuffix("lm_head.weight") || $0.name.hasSuffix("embed_out.weight") }
        && parts.tensors.contains { $0.name.contains("embed") }
    }
    let inner = ConfigKeys(config).text
    // The library's own default differs by family; Gemma and a few others tie without saying so.
    let standard = ConfigKeys(config).architecture.hasPrefix("gemma")
    return (inner["tie_word_embeddings"] ?? config["tie_word_embeddings"])?.bool ?? standard
  }

  private func quantization(_ stored: StoredQuantization, _ config: JSONValue) -> Figure<String>? {
    if let name = stored.name { return Figure(name, .header, "config.json") }
    if let type = ModelTotals.largestType(parts.tensors) { return Figure(type, .header, "the type of most bytes") }
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
          "the architecture \(model.architecture) is not known: taken as full attention on all layers"))
    }
    if config["auto_map"] != nil {
      warnings.append(
        Reason(
          .customCode, "the model brings Python code of its own, which engines run only if told to trust it",
          remedy: "read the code first; then --trust-remote-code"))
    }
    return warnings
  }
}
