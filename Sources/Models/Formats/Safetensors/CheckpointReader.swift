import Platform
import Units

/// Gathers the parts of a checkpoint from a local folder.
struct CheckpointReader {
  let folder: String
  let names: [String]

  /// Reads all weights of the folder.
  func model() throws(ModelError) -> Model {
    let shards = try shardNames()
    var parts = try parts(path: folder)
    for shard in shards { try add(shard, to: &parts) }
    let pickles = shards.isEmpty ? names.filter(PyTorchCheckpoint.isWeights) : []
    for name in pickles { try addPickle(name, to: &parts) }
    parts.format = !shards.isEmpty ? .safetensors : !pickles.isEmpty ? .pytorch : .config
    return try CheckpointModel(parts: parts).model()
  }

  /// Reads one file of weights with the configuration beside it, or all of its kind where it is one part of several.
  func model(ofFile path: String) throws(ModelError) -> Model {
    let name = LocalFolder.lastPart(of: path)
    if name.contains("-of-"), names.contains(indexName) { return try model() }
    var parts = try parts(path: path)
    try add(name, to: &parts)
    return try CheckpointModel(parts: parts).model()
  }

  /// Reads a configuration alone.
  func model(ofConfiguration path: String) throws(ModelError) -> Model {
    var parts = CheckpointParts(path: path, format: .config)
    parts.config = MistralParameters.config(try document(at: path))
    if let file = LocalFolder.file(path) { parts.files = [file] }
    return try CheckpointModel(parts: parts).model()
  }

  private var indexName: String { "model.safetensors.index.json" }

  /// Returns the files that the index names, else all safetensors files but those of adapters and second copies.
  private func shardNames() throws(ModelError) -> [String] {
    let present = names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter_") }
    guard names.contains(indexName) else {
      let main = present.filter { $0.hasPrefix("model") && !$0.contains("consolidated") }
      return main.isEmpty ? present : main
    }
    return try withBytes(of: "\(folder)/\(indexName)") { bytes throws(ModelError) in
      try SafetensorsIndex(parsing: bytes).shards
    }
  }

  private func add(_ shard: String, to parts: inout CheckpointParts) throws(ModelError) {
    // An index is a stranger's text: only plain names of this folder are followed.
    guard !shard.contains("/"), !shard.hasPrefix("."), names.contains(shard) else {
      parts.warnings.append(Reason(.missingParts, "the part \(shard.prefix(200)) is not in the folder"))
      return
    }
    let place = "\(folder)/\(shard)"
    guard let file = LocalFolder.file(place) else { return }
    var hash = parts.hash
    let header = try withBytes(of: place) { bytes throws(ModelError) in
      let header = try SafetensorsHeader(parsing: bytes)
      bytes.extracting(0..<header.dataOffset).withUnsafeBytes { hash.update($0) }
      return header
    }
    parts.hash = hash
    parts.add(header, file: file)
  }

  /// Reads one PyTorch file with the configuration beside it.
  func model(ofPickle path: String) throws(ModelError) -> Model {
    var parts = try parts(path: path)
    parts.format = .pytorch
    try addPickle(LocalFolder.lastPart(of: path), to: &parts)
    return try CheckpointModel(parts: parts).model()
  }

  private func addPickle(_ name: String, to parts: inout CheckpointParts) throws(ModelError) {
    let place = "\(folder)/\(name)"
    guard let file = LocalFolder.file(place) else { return }
    let checkpoint = try withBytes(of: place) { bytes throws(ModelError) in try PyTorchCheckpoint(parsing: bytes) }
    parts.files.append(file)
    parts.tensors += checkpoint.tensors
    for tensor in checkpoint.tensors { parts.hash.update(Array("\(tensor.name) \(tensor.dimensions)".utf8)) }
    guard !checkpoint.foreignGlobals.isEmpty else { return }
    let list = checkpoint.foreignGlobals.prefix(8).joined(separator: ", ")
    parts.warnings.append(
      Reason(
        .pickleImports, "loading \(name) would import \(list)",
        remedy: "do not load it with weights_only=False unless you trust its maker"))
  }

  private func parts(path: String) throws(ModelError) -> CheckpointParts {
    var parts = CheckpointParts(path: path, format: .safetensors)
    if names.contains("config.json") {
      parts.config = try document(at: "\(folder)/config.json")
    } else if names.contains(MistralParameters.fileName) {
      parts.config = MistralParameters.config(try document(at: "\(folder)/\(MistralParameters.fileName)"))
    }
    let tokenizer = names.contains("tokenizer_config.json") ? try? document(at: "\(folder)/tokenizer_config.json") : nil
    parts.tokenizer = tokenizer?["tokenizer_class"]?.string
    if names.contains("chat_template.jinja") || names.contains("chat_template.json") {
      parts.hasChatTemplate = true
    } else if let tokenizer {
      parts.hasChatTemplate = tokenizer["chat_template"] != nil
    }
    if names.contains(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") || $0.hasSuffix(".pth") }) {
      parts.warnings.append(CheckpointParts.pickleWarning)
    }
    return parts
  }

  private func document(at path: String) throws(ModelError) -> JSONValue {
    try withBytes(of: path) { bytes throws(ModelError) in
      guard bytes.byteCount <= 64 << 20 else {
        throw .malformed(format: "JSON", offset: 0, cause: "\(path) has \(bytes.byteCount) bytes")
      }
      return try JSONValue(parsing: bytes)
    }
  }

  private func withBytes<Value>(
    of path: String, _ body: (RawSpan) throws(ModelError) -> Value
  ) throws(ModelError) -> Value {
    let file: MappedFile
    do { file = try MappedFile(path) } catch { throw .unreadable(path: path, cause: "\(error)") }
    return try file.withBytes(body)
  }
}

extension CheckpointParts {
  static let pickleWarning = Reason(
    .pickle, "the folder holds pickled files, which can run code when an engine loads them")

  /// Adds the tensors of one file.
  mutating func add(_ header: SafetensorsHeader, file: ModelFile) {
    files.append(file)
    for entry in header.entries {
      tensors.append(
        Tensor(
          name: entry.name, dimensions: entry.shape.isEmpty ? [1] : entry.shape.reversed(), type: entry.type,
          bytes: ByteCount(entry.end - entry.start)))
    }
    metadata.merge(header.metadata) { first, _ in first }
    if header.fileEnd > file.bytes.bytes {
      warnings.append(
        Reason(
          .incompleteFile, "\(file.path) ends \(ByteCount(header.fileEnd) - file.bytes) before its last tensor does",
          remedy: "download it again; the sizes here are those of the header"))
    }
  }
}

/// The list of a sharded checkpoint's files.
public struct SafetensorsIndex: Sendable {
  /// The files in the order of their names, each once; a stranger's text, so not to be taken for paths unchecked.
  public let shards: [String]

  /// Reads `model.safetensors.index.json`.
  public init(parsing bytes: [UInt8]) throws(ModelError) { try self.init(parsing: bytes.span.bytes) }

  init(parsing bytes: RawSpan) throws(ModelError) {
    var scanner = JSONScanner()
    var names: Set<String> = []
    var isFirst = true
    try scanner.take("{", bytes)
    while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
      guard key == "weight_map" else {
        _ = try scanner.value(bytes, depth: 1)
        continue
      }
      var isFirstEntry = true
      try scanner.take("{", bytes)
      while try scanner.nextKey(bytes, isFirst: &isFirstEntry) != nil {
        names.insert(try scanner.string(bytes))
        guard names.count <= 10_000 else { throw scanner.malformed("more than 10,000 files") }
      }
    }
    shards = names.sorted()
  }
}
