import Units

/// Makes a model of the headers of a GGUF file, or of the parts of a split one.
struct GGUFModel: Sendable {
  let headers: [GGUFHeader]
  let files: [ModelFile]

  private var first: GGUFHeader { headers[0] }

  /// Returns the model; `headers` must not be empty, and the first one holds the keys.
  func model() -> Model {
    let keys = Hyperparameters(first)
    let listed = headers.flatMap(\.tensors)
    let rules = LayerRules(keys, tensors: TensorNames(listed.map(\.name)))
    let layers = rules.layers()
    let isTied = !listed.contains { $0.name == "output.weight" } && listed.contains { $0.name == "token_embd.weight" }
    let shape = ShapeRules.shape(
      keys, layers: layers, rules: rules, vocabularySize: vocabularySize(keys, listed), hasTiedEmbeddings: isTied)
    let stated = first.metadata["general.name"]?.string
    var model = Model(
      name: GGUFName(stated: stated, path: files.first?.path).text, format: .gguf,
      architecture: keys.architecture,
      shape: shape, layers: layers)
    if stated != model.name { model.statedName = stated }
    model.files = files
    model.isArchitectureKnown = Architecture.named(keys.architecture) != nil
    model.tensors = listed.map {
      Tensor(name: $0.name, dimensions: $0.dimensions, type: $0.type.name, bytes: ByteCount($0.byteCount))
    }
    model.quantization = quantization(model.tensors)
    model.tokenizer = first.metadata["tokenizer.ggml.model"]?.string.map { Figure($0, .header, "tokenizer.ggml.model") }
    model.hasChatTemplate = first.metadata["tokenizer.chat_template"] != nil
    model.headerDigest = first.digest
    ModelTotals.fill(&model)
    model.warnings = warnings(model)
    return model
  }

  private func vocabularySize(_ keys: Hyperparameters, _ tensors: [GGUFTensor]) -> Int {
    let listed = first.metadata["tokenizer.ggml.tokens"]?.array?.count
    let rows = tensors.first { $0.name == "token_embd.weight" }?.dimensions
    return max(0, listed ?? keys.int("vocab_size") ?? (rows?.count == 2 ? rows?[1] : nil) ?? 0)
  }

  private func quantization(_ tensors: [Tensor]) -> Figure<String>? {
    if let id = first.metadata["general.file_type"]?.integer, let name = GGUFFileType.name(id: id) {
      // The header has no word for a publisher's own mix: its name stands in the file's.
      if let own = QuantizationLabel.find(in: files.first?.path ?? ""), QuantizationLabel.isOwnMix(own, of: name) {
        return Figure(own, .header, "the file's name; general.file_type says \(name)")
      }
      return Figure(name, .header, "general.file_type")
    }
    guard let type = ModelTotals.largestType(tensors) else { return nil }
    return Figure(type, .computed, "the type that most bytes have")
  }

  private func warnings(_ model: Model) -> [Reason] {
    var warnings: [Reason] = []
    if !model.isArchitectureKnown {
      warnings.append(
        Reason(
          .unknownArchitecture,
          "unknown architecture \(model.architecture): assumed to have full attention on all layers, so the figures are rough"
        )
      )
    }
    let requirements = GGUFRequirements(
      metadata: first.metadata, tensors: headers.flatMap(\.tensors), keys: Hyperparameters(first))
    if let missing = requirements.warning() { warnings.append(missing) }
    if let kind = first.metadata["general.type"]?.string, kind != "model" {
      warnings.append(Reason(.notAWholeModel, "the file says that it is a \(kind), not a model"))
    }
    if let parts = first.metadata["split.count"]?.integer, parts > headers.count {
      warnings.append(Reason(.missingParts, "\(parts - headers.count) of \(parts) parts were not found"))
    }
    for (header, file) in zip(headers, files) where header.fileEnd > file.bytes.bytes {
      let missing = ByteCount(header.fileEnd) - file.bytes
      warnings.append(
        Reason(
          .incompleteFile, "\(file.path) ends \(missing) before its last tensor does",
          remedy: "download it again; the sizes here are those of the header"))
    }
    return warnings
  }
}
