import Platform
import Units

extension ModelReader {
  /// Reads a GGUF file from wherever it lies, taking a growing prefix and no more than its header.
  ///
  /// - Throws: `ModelError`, or the source's own errors.
  public static func read(gguf source: some ByteSource) async throws -> Model {
    let header = try await ggufHeader(source)
    let file = ModelFile(path: source.name, bytes: source.size ?? ByteCount(header.fileEnd))
    return GGUFModel(headers: [header], files: [file]).model()
  }

  /// Reads a model of a folder from wherever it lies: the files named are its weights, the first one is enough for GGUF.
  ///
  /// A split GGUF costs a request for each part; a sharded checkpoint likewise.
  public static func read(folder: some ModelFolder, weights: [String]) async throws -> Model {
    let listing = try await folder.files()
    let sizes = Dictionary(listing.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    if weights.first?.hasSuffix(".gguf") == true {
      return try await readGGUF(weights, in: folder, listing: listing, sizes: sizes)
    }
    let start = weights.first.flatMap { path in path.lastIndex(of: "/").map { String(path[...$0]) } } ?? ""
    let isPickled = weights.contains { !$0.hasSuffix(".safetensors") }
    var parts = try await parts(of: folder, prefix: start, sizes: sizes, isPickled: isPickled)
    for path in weights where path.hasSuffix(".safetensors") {
      let source = try await folder.open(path)
      let (header, bytes) = try await safetensorsHeader(source)
      parts.hash.update(bytes)
      parts.add(header, file: ModelFile(path: "\(folder.name)/\(path)", bytes: sizes[path] ?? .zero))
    }
    if parts.tensors.isEmpty { parts.format = .config }
    return try CheckpointModel(parts: parts).model()
  }

  private static func readGGUF(
    _ weights: [String], in folder: some ModelFolder, listing: [ModelFile], sizes: [String: ByteCount]
  ) async throws -> Model {
    var headers: [GGUFHeader] = []
    var files: [ModelFile] = []
    for path in weights {
      headers.append(try await ggufHeader(try await folder.open(path)))
      files.append(ModelFile(path: "\(folder.name)/\(path)", bytes: sizes[path] ?? .zero))
    }
    var model = GGUFModel(headers: headers, files: files).model()
    model.companions = Companions.find(for: weights[0], among: listing.map(\.path)) { path in
      sizes[path].map { ModelFile(path: "\(folder.name)/\(path)", bytes: $0) }
    }
    return model
  }

  private static func ggufHeader(_ source: some ByteSource) async throws -> GGUFHeader {
    var bytes = try await source.read(0..<(64 << 10))
    while true {
      switch HeaderAttempt.gguf(bytes) {
      case .done(let header): return header
      case .failed(let error): throw error
      case .needs(let count):
        // Twice what is there keeps the count of readings small; the source itself fetches in larger steps.
        let longer = try await source.read(0..<max(count, 2 * bytes.count))
        guard longer.count > bytes.count else { throw ModelError.incomplete(needed: count, have: bytes.count) }
        bytes = longer
      }
    }
  }

  /// Returns a safetensors header with its bytes.
  private static func safetensorsHeader(_ source: some ByteSource) async throws -> (SafetensorsHeader, [UInt8]) {
    var bytes = try await source.read(0..<(64 << 10))
    if case .needs(let count) = HeaderAttempt.safetensors(bytes) { bytes = try await source.read(0..<count) }
    switch HeaderAttempt.safetensors(bytes) {
    case .done(let header): return (header, Array(bytes[..<header.dataOffset]))
    case .failed(let error): throw error
    case .needs(let count): throw ModelError.incomplete(needed: count, have: bytes.count)
    }
  }

  private static func parts(
    of folder: some ModelFolder, prefix: String, sizes: [String: ByteCount], isPickled: Bool
  ) async throws -> CheckpointParts {
    var parts = CheckpointParts(path: folder.name, format: isPickled ? .pytorch : .safetensors)
    parts.config = try await document("\(prefix)config.json", in: folder, sizes: sizes)
    if parts.config == nil {
      let own = try await document("\(prefix)\(MistralParameters.fileName)", in: folder, sizes: sizes)
      parts.config = own.map { MistralParameters.config($0) }
    }
    let tokenizer = try? await document("\(prefix)tokenizer_config.json", in: folder, sizes: sizes)
    parts.tokenizer = tokenizer?["tokenizer_class"]?.string
    let hasFile = sizes["\(prefix)chat_template.jinja"] != nil || sizes["\(prefix)chat_template.json"] != nil
    parts.hasChatTemplate = hasFile ? true : tokenizer.map { $0["chat_template"] != nil }
    if isPickled { parts.warnings.append(CheckpointParts.pickleWarning) }
    return parts
  }

  private static func document(
    _ path: String, in folder: some ModelFolder, sizes: [String: ByteCount]
  ) async throws -> JSONValue? {
    guard let size = sizes[path], size <= .mebibytes(64) else { return nil }
    let bytes = try await folder.open(path).read(0..<size.bytes)
    return try HeaderAttempt.document(bytes)
  }
}

/// The outcome of reading a header from a prefix.
private enum HeaderAttempt<Header> {
  case done(Header)
  case needs(Int)
  case failed(ModelError)
}

// Spans stay in these functions, which do not wait: the compiler cannot keep one across a suspension.
extension HeaderAttempt<GGUFHeader> {
  static func gguf(_ bytes: [UInt8]) -> HeaderAttempt {
    do throws(ModelError) {
      return .done(try GGUFHeader(parsing: bytes.span.bytes))
    } catch {
      return HeaderAttempt(error)
    }
  }
}

extension HeaderAttempt<SafetensorsHeader> {
  static func safetensors(_ bytes: [UInt8]) -> HeaderAttempt {
    do throws(ModelError) {
      return .done(try SafetensorsHeader(parsing: bytes.span.bytes))
    } catch {
      return HeaderAttempt(error)
    }
  }
}

extension HeaderAttempt<JSONValue> {
  static func document(_ bytes: [UInt8]) throws(ModelError) -> JSONValue { try JSONValue(parsing: bytes.span.bytes) }
}

extension HeaderAttempt {
  fileprivate init(_ error: ModelError) {
    if case .incomplete(let needed, _) = error { self = .needs(needed) } else { self = .failed(error) }
  }
}
