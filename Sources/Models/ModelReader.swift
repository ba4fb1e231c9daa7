import Platform
public import Units

/// Reads models of every format from local files.
public enum ModelReader {
  /// Reads a GGUF file, one part of a split one, a safetensors or PyTorch file, a folder of them, or a `config.json`.
  ///
  /// Only headers are read; a file of any size takes milliseconds. What is missing beside the main file is a warning.
  ///
  /// - Throws: `ModelError` where nothing can be said about the model.
  public static func read(path stated: String) throws(ModelError) -> Model {
    let path = LocalFolder.plain(stated)
    guard let kind = LocalFolder.kind(of: path) else {
      throw .unreadable(path: path, cause: "there is no such file or folder")
    }
    if kind == .folder { return try readFolder(path) }
    if let cause = StandIn.cause(path) { throw .notAModel(path: path, cause: cause) }
    if path.hasSuffix(".gguf") || startsAsGGUF(path) { return try readGGUF(path) }
    let folder = LocalFolder.parent(of: path)
    if path.hasSuffix(".safetensors") {
      return try CheckpointReader(folder: folder, names: LocalFolder.names(in: folder)).model(ofFile: path)
    }
    if [".bin", ".pt", ".pth", ".ckpt"].contains(where: path.hasSuffix) {
      return try CheckpointReader(folder: folder, names: LocalFolder.names(in: folder)).model(ofPickle: path)
    }
    if path.hasSuffix(".json") { return try CheckpointReader(folder: folder, names: []).model(ofConfiguration: path) }
    throw .notAModel(path: path, cause: "its name and first bytes match no known format")
  }

  /// Reads a configuration that stands in memory; the model has the tensors that it calls for.
  ///
  /// - Throws: `ModelError` where the text is no JSON.
  public static func read(configuration: [UInt8], name: String) throws(ModelError) -> Model {
    var parts = CheckpointParts(path: name, format: .config)
    parts.config = try JSONValue(parsing: configuration.span.bytes)
    return try CheckpointModel(parts: parts).model()
  }

  private static func startsAsGGUF(_ path: String) -> Bool {
    guard let file = try? MappedFile(path), file.size >= 4 else { return false }
    return file.withBytes { $0.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self) == 0x4655_4747 }
  }

  private static func readFolder(_ path: String) throws(ModelError) -> Model {
    let names = LocalFolder.names(in: path)
    if let cause = AdapterReader.described(path, names: names) { throw .notAModel(path: path, cause: cause) }
    if names.contains("config.json") || names.contains(MistralParameters.fileName)
      || names.contains(where: { $0.hasSuffix(".safetensors") })
    {
      let ggufs = GGUFParts.models(among: names)
      if names.contains(where: { $0.hasSuffix(".safetensors") || $0.hasSuffix(".bin") }) || ggufs.isEmpty {
        return try CheckpointReader(folder: path, names: names).model()
      }
    }
    let candidates = GGUFParts.models(among: names)
    guard let first = candidates.first else {
      throw .notAModel(path: path, cause: "the folder holds no model file")
    }
    guard candidates.count == 1 else {
      let list = candidates.prefix(20).joined(separator: ", ")
      throw .notAModel(path: path, cause: "the folder holds \(candidates.count) models; name one of \(list)")
    }
    return try readGGUF("\(path)/\(first)")
  }

  /// Reads a GGUF file with the other parts and the companions beside it.
  private static func readGGUF(_ path: String) throws(ModelError) -> Model {
    let folder = LocalFolder.parent(of: path)
    let name = LocalFolder.lastPart(of: path)
    let beside = LocalFolder.names(in: folder)
    let parts = GGUFParts.parts(of: name, among: beside)
    var headers: [GGUFHeader] = []
    var files: [ModelFile] = []
    for part in parts {
      let place = part == name ? path : "\(folder)/\(part)"
      let (header, size) = try header(of: place)
      headers.append(header)
      files.append(ModelFile(path: place, bytes: ByteCount(size)))
    }
    var model = GGUFModel(headers: headers, files: files).model()
    model.companions = Companions.find(for: name, among: beside) { LocalFolder.file("\(folder)/\($0)") }
    sortProjectors(of: &model)
    return model
  }

  /// What the header of a projector says; nil where the file is none.
  public static func projector(at path: String) -> Projector? {
    (try? header(of: path)).flatMap { Projector($0.0) }
  }

  /// Leaves out the projectors beside a model that are another's, and puts the one first whose name is nearest to its own.
  private static func sortProjectors(of model: inout Model) {
    let name = Companions.words(model.files.first?.path ?? "")
    var own: [Companion] = []
    var others: [Companion] = []
    for var companion in model.companions {
      guard companion.role == .projector else {
        others.append(companion)
        continue
      }
      companion.projector = projector(at: companion.file.path)
      if let foreign = foreign(companion, for: model) { model.warnings.append(foreign) } else { own.append(companion) }
    }
    let sorted = own.sorted { first, second in
      let (one, other) = (Companions.words(first.file.path), Companions.words(second.file.path))
      return (-one.intersection(name).count, Companions.rank(first), first.file.path)
        < (-other.intersection(name).count, Companions.rank(second), second.file.path)
    }
    model.companions = sorted + others
  }

  /// Why a projector or an adapter beside a model is not the model's; nil where it may be.
  public static func foreign(_ companion: Companion, for model: Model) -> Reason? {
    if let adapter = companion.adapter, !adapter.belongs(to: model) {
      return Reason(
        .foreignAdapter,
        "\(LocalFolder.lastPart(of: companion.file.path)) is another model's: it is \(adapter.words), and none of its "
          + "matrices has \(model.name)'s width of \(model.shape.embeddingLength)")
    }
    guard let projector = companion.projector, !projector.belongs(to: model) else { return nil }
    let file = LocalFolder.lastPart(of: companion.file.path)
    let width = model.shape.embeddingLength
    let difference =
      projector.outputLength == width
      ? "it is of kind \(projector.kind ?? "unknown")"
      : "it gives embeddings of \(projector.outputLength), and the model's are \(width)"
    return Reason(.foreignProjector, "\(file) is another model's projector: \(difference)")
  }

  private static func header(of path: String) throws(ModelError) -> (GGUFHeader, size: Int) {
    do {
      let file = try MappedFile(path)
      let header = try file.withBytes { (bytes: RawSpan) throws(ModelError) in try GGUFHeader(parsing: bytes) }
      return (header, file.size)
    } catch let error as ModelError {
      throw error
    } catch {
      throw .unreadable(path: path, cause: "\(error)")
    }
  }
}
