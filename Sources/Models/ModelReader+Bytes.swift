import Units

extension ModelReader {
  /// Reads a model from the first bytes of a file that is in memory: a header, a configuration, a small checkpoint.
  ///
  /// Nothing beside the bytes is looked at, so a safetensors header alone gives tensors without layers.
  public static func read(_ bytes: [UInt8], as format: ModelFormat) throws(ModelError) -> Model {
    let span = bytes.span.bytes
    var parts = CheckpointParts(path: "memory", format: format)
    switch format {
    case .gguf:
      let header = try GGUFHeader(parsing: span)
      return GGUFModel(headers: [header], files: [ModelFile(path: "memory", bytes: .init(header.fileEnd))]).model()
    case .safetensors, .mlx:
      let header = try SafetensorsHeader(parsing: span)
      parts.add(header, file: ModelFile(path: "memory", bytes: .init(header.fileEnd)))
    case .pytorch: parts.tensors = try PyTorchCheckpoint(parsing: span).tensors
    case .config: parts.config = try JSONValue(parsing: span)
    }
    return try CheckpointModel(parts: parts).model()
  }
}
