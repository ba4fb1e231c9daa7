import Platform
import Units

/// Reads adapters from local files.
public enum AdapterReader {
  /// The configuration that makes a folder an adapter's.
  static let configurationName = "adapter_config.json"

  /// Reads a GGUF adapter, a folder of PEFT's or MLX's, or a file of such a folder.
  ///
  /// - Returns: The adapter beside the bytes of its weights; its path is the folder's, or the GGUF file's.
  /// - Throws: `ModelError` where it cannot be read, or is no adapter.
  public static func read(path stated: String) throws(ModelError) -> Companion {
    let path = LocalFolder.plain(stated)
    switch LocalFolder.kind(of: path) {
    case nil: throw .unreadable(path: path, cause: "there is no such file or folder")
    case .folder: return try readFolder(path)
    case .file:
      if path.hasSuffix(".gguf") { return try readGGUF(path) }
      let folder = LocalFolder.parent(of: path)
      guard LocalFolder.names(in: folder).contains(configurationName) else {
        throw .notAModel(path: path, cause: "no \(configurationName) lies beside it, so it is no adapter")
      }
      return try readFolder(folder)
    }
  }

  private static func readGGUF(_ path: String) throws(ModelError) -> Companion {
    let file = try mapped(path)
    let header = try file.withBytes { (bytes: RawSpan) throws(ModelError) in try GGUFHeader(parsing: bytes) }
    guard let adapter = Adapter(header) else {
      throw .notAModel(path: path, cause: "its header does not say that it is an adapter")
    }
    let whole = ModelFile(path: path, bytes: ByteCount(file.size))
    return Companion(role: .adapter, file: whole, adapter: adapter)
  }

  private static func readFolder(_ path: String) throws(ModelError) -> Companion {
    let names = LocalFolder.names(in: path)
    guard names.contains(configurationName) else {
      throw .notAModel(path: path, cause: "the folder holds no \(configurationName), so it is no adapter")
    }
    // PEFT's and MLX's names; pickled ones are never opened.
    let weights = ["adapter_model.safetensors", "adapters.safetensors"].first(where: names.contains)
    guard let weights, let file = LocalFolder.file("\(path)/\(weights)") else {
      throw .notAModel(path: path, cause: "the folder holds no safetensors file of an adapter")
    }
    let header = try mapped(file.path).withBytes { (bytes: RawSpan) throws(ModelError) in
      try SafetensorsHeader(parsing: bytes)
    }
    let tensors = header.entries.map {
      Tensor(name: $0.name, dimensions: $0.shape.reversed(), type: $0.type, bytes: ByteCount($0.end - $0.start))
    }
    guard let adapter = Adapter(configuration: try configuration(path), tensors: tensors) else {
      throw .notAModel(path: path, cause: "\(configurationName) is not that of a LoRA adapter")
    }
    return Companion(role: .adapter, file: ModelFile(path: path, bytes: file.bytes), adapter: adapter)
  }

  /// What a folder that holds an adapter and no model says; nil for any other folder.
  static func described(_ folder: String, names: [String]) -> String? {
    let isModel = names.contains { $0 == "config.json" || $0 == MistralParameters.fileName || $0.hasSuffix(".gguf") }
    guard names.contains(configurationName), !isModel else { return nil }
    let adapter = (try? readFolder(folder))?.adapter
    return "it is \(adapter?.words ?? "an adapter"): plan its model with --lora \(folder)"
  }

  private static func configuration(_ folder: String) throws(ModelError) -> JSONValue {
    try mapped("\(folder)/\(configurationName)").withBytes { (bytes: RawSpan) throws(ModelError) in
      guard bytes.byteCount <= 1 << 20 else {
        throw .malformed(format: "JSON", offset: 0, cause: "\(configurationName) has \(bytes.byteCount) bytes")
      }
      return try JSONValue(parsing: bytes)
    }
  }

  private static func mapped(_ path: String) throws(ModelError) -> MappedFile {
    do { return try MappedFile(path) } catch { throw .unreadable(path: path, cause: "\(error)") }
  }
}
