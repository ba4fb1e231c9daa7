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
    var model = Model(
      name: first.metadata["general.name"]?.string ?? fileName, format: .gguf, architecture: keys.architecture,
      shape: shape, layers: layers)
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

  private var fileName: String {
    let name = files.first?.path.split(separator: "/").last.map(String.init) ?? "model"
    return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
  }

  private func vocabularySize(_ keys: Hyperparameters, _ tensors: [GGUFTensor]) -> Int {
    let listed = first.metadata["tokenizer.ggml.tokens"]?.array?.count
    let rows = tensors.first { $0.name == "token_embd.weight" }?.dimensions
    return max(0, listed ?? keys.int("vocab_size") ?? (rows?.count == 2 ? rows?[1] : nil) ?? 0)
  }

  private func quantization(_ tensors: [Tensor]) -> Figure<String>? {
    if let id = first.metadata["general.file_type"]?.integer, let name = GGUFFileType.name(id: id) {
      return Figure(name, .header, "general.file_type")
    }
    guard let type = ModelTotals.largestType(tensors) else { return nil }
    return Figure(type, .computed, "the type of most bytes")
  }

  private func warnings(_ model: Model) -> [Reason] {
    var warnings: [Reason] = []
    if !model.isArchitectureKnown {
      warnings.append(
        Reason(
          "unknown-architecture",
          "the architecture \(model.architecture) is not known: taken as full attention on all layers"))
    }
    if let kind = first.metadata["general.type"]?.string, kind != "model" {
      warnings.append(Reason("not-a-whole-model", "the file says that it is a \(kind), not a model"))
    }
    if let parts = first.metadata["split.count"]?.integer, parts > headers.count {
      warnings.append(Reason("missing-parts", "\(parts - headers.count) of \(parts) parts were not found"))
    }
    for (header, file) in zip(headers, files) where header.fileEnd > file.bytes.bytes {
      let missing = ByteCount(header.fileEnd) - file.bytes
      warnings.append(
        Reason(
          "incomplete-file", "\(file.path) ends \(missing) before its last tensor does",
          remedy: "download it again; the sizes here are those of the header"))
    }
    return warnings
  }
}

/// The sums over a model's tensors.
enum ModelTotals {
  /// Fills in parameters, active parameters and bytes from the tensors; leaves them where there are none.
  static func fill(_ model: inout Model) {
    guard !model.tensors.isEmpty else { return }
    var total = 0
    var active = 0.0
    var bytes = ByteCount.zero
    for tensor in model.tensors {
      let elements = tensor.dimensions.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      total = total.addingReportingOverflow(max(0, elements)).partialValue
      active += Double(max(0, elements)) * activeShare(of: tensor.name, in: model)
      bytes += tensor.bytes
    }
    model.parameters = Figure(max(0, total), .header, "elements of all tensors")
    model.activeParameters = Figure(
      active < Double(Int.max) ? Int(active.rounded()) : Int.max, .computed, "all tensors, experts by those in use")
    model.tensorBytes = Figure(bytes, .header, "bytes of all tensors")
  }

  /// The share of a tensor that one token passes through.
  private static func activeShare(of name: String, in model: Model) -> Double {
    guard let index = TensorNames.layer(of: name), model.layers.indices.contains(index) else { return 1 }
    let layer = model.layers[index]
    if layer.isNextTokenPrediction { return 0 }
    let isExpert =
      name.contains("_exps.") || name.split(separator: ".").dropFirst(3).first.map { Int($0) != nil } == true
    guard isExpert, let experts = layer.experts, experts.count > 0 else { return 1 }
    return Double(min(experts.usedCount, experts.count)) / Double(experts.count)
  }

  /// Returns the type that holds most bytes.
  static func largestType(_ tensors: [Tensor]) -> String? {
    var bytes: [String: ByteCount] = [:]
    for tensor in tensors { bytes[tensor.type, default: .zero] += tensor.bytes }
    return bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}
