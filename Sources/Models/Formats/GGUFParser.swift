import Platform
import Units

extension GGUFHeader {
  /// Reads a header from the first bytes of a file.
  ///
  /// - Throws: `ModelError.incomplete` where the bytes end inside the header: call again with a longer prefix.
  public init(parsing bytes: RawSpan) throws(ModelError) {
    var cursor = try GGUFHeader.start(bytes)
    let versionAt = cursor.offset - 4
    let version = try GGUFHeader.version(bytes, at: versionAt, isBigEndian: cursor.isBigEndian)
    let tensorCount = try GGUFHeader.count(&cursor, bytes, limit: GGUFLimit.tensors, of: "tensors")
    let keyCount = try GGUFHeader.count(&cursor, bytes, limit: GGUFLimit.keys, of: "keys")
    var metadata: [String: GGUFValue] = [:]
    metadata.reserveCapacity(keyCount)
    var elided: [Range<Int>] = []
    for _ in 0..<keyCount {
      let at = cursor.offset
      let key = try cursor.readString(bytes, limit: GGUFLimit.keyLength)
      let value = try GGUFHeader.value(&cursor, bytes)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw .malformed(format: "GGUF", offset: at, cause: "the key \(key.prefix(80)) appears twice")
      }
      if case .array(let array) = value, array.numbers == nil, array.strings == nil {
        elided.append(array.offset..<array.offset + array.byteCount)
      }
    }
    let alignment = try GGUFHeader.alignment(metadata)
    let tensors = try GGUFHeader.tensors(&cursor, bytes, count: tensorCount, alignment: alignment)
    let end = cursor.offset
    self.init(
      version: version, isBigEndian: cursor.isBigEndian, metadata: metadata, tensors: tensors, alignment: alignment,
      dataOffset: (end + alignment - 1) / alignment * alignment,
      digest: GGUFHeader.digest(bytes, end: end, without: elided))
  }

  /// Checks the magic and finds the byte order: a version read the wrong way round has its low half empty.
  private static func start(_ bytes: RawSpan) throws(ModelError) -> GGUFCursor {
    var cursor = GGUFCursor(isBigEndian: false)
    guard try cursor.read(UInt32.self, bytes) == 0x4655_4747 else {
      throw .malformed(format: "GGUF", offset: 0, cause: "it does not begin with GGUF")
    }
    let version = try cursor.read(UInt32.self, bytes)
    guard version != 0, version & 0xffff == 0 else { return cursor }
    var swapped = GGUFCursor(isBigEndian: true)
    swapped.offset = cursor.offset
    return swapped
  }

  private static func version(_ bytes: RawSpan, at offset: Int, isBigEndian: Bool) throws(ModelError) -> Int {
    var cursor = GGUFCursor(isBigEndian: isBigEndian)
    cursor.offset = offset
    let version = try cursor.read(UInt32.self, bytes)
    guard version == 2 || version == 3 else {
      throw .unsupported(format: "GGUF", cause: "version \(version) is not supported, only 2 and 3")
    }
    return Int(version)
  }

  private static func count(
    _ cursor: inout GGUFCursor, _ bytes: RawSpan, limit: Int, of what: String
  ) throws(ModelError) -> Int {
    let at = cursor.offset
    let value = try cursor.read(UInt64.self, bytes)
    guard value <= UInt64(limit) else { throw .malformed(format: "GGUF", offset: at, cause: "\(value) \(what)") }
    return Int(value)
  }

  private static func alignment(_ metadata: [String: GGUFValue]) throws(ModelError) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.integer, alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
      throw .malformed(format: "GGUF", offset: 0, cause: "general.alignment is not a power of two")
    }
    return alignment
  }

  private static func tensors(
    _ cursor: inout GGUFCursor, _ bytes: RawSpan, count: Int, alignment: Int
  ) throws(ModelError) -> [GGUFTensor] {
    var tensors: [GGUFTensor] = []
    tensors.reserveCapacity(min(count, 4096))
    var names: Set<String> = []
    for _ in 0..<count {
      let at = cursor.offset
      let tensor = try tensor(&cursor, bytes)
      guard names.insert(tensor.name).inserted else {
        throw .malformed(format: "GGUF", offset: at, cause: "the tensor \(tensor.name) appears twice")
      }
      guard tensor.offset % alignment == 0 else {
        throw .malformed(format: "GGUF", offset: at, cause: "the tensor \(tensor.name) is not aligned")
      }
      tensors.append(tensor)
    }
    return tensors
  }

  private static func tensor(_ cursor: inout GGUFCursor, _ bytes: RawSpan) throws(ModelError) -> GGUFTensor {
    let at = cursor.offset
    let name = try cursor.readString(bytes, limit: GGUFLimit.nameLength)
    let rank = try cursor.read(UInt32.self, bytes)
    guard rank <= GGUFLimit.dimensions else {
      throw .malformed(format: "GGUF", offset: at, cause: "the tensor \(name) has \(rank) dimensions")
    }
    var dimensions: [Int] = []
    for _ in 0..<rank {
      let length = try cursor.read(UInt64.self, bytes)
      guard let value = Int(exactly: length) else {
        throw .malformed(
          format: "GGUF", offset: at, cause: "the tensor \(name) has \(length) elements in one dimension")
      }
      dimensions.append(value)
    }
    let type = try GGUFType.withID(try cursor.read(UInt32.self, bytes), offset: at)
    let offset = try cursor.read(UInt64.self, bytes)
    if dimensions.isEmpty { dimensions = [1] }
    guard let size = type.byteCount(dimensions: dimensions), size.bytes <= GGUFLimit.tensorBytes else {
      throw .malformed(
        format: "GGUF", offset: at, cause: "the tensor \(name) cannot have the shape \(dimensions) in \(type.name)")
    }
    guard let start = Int(exactly: offset), start <= Int.max / 2 else {
      throw .malformed(format: "GGUF", offset: at, cause: "the tensor \(name) begins at \(offset)")
    }
    return GGUFTensor(name: name, dimensions: dimensions, type: type, offset: start, byteCount: size.bytes)
  }

  /// Digests what stands outside the elided ranges, and their lengths.
  private static func digest(_ bytes: RawSpan, end: Int, without elided: [Range<Int>]) -> String {
    var hash = SHA256()
    var position = 0
    for range in elided where range.lowerBound >= position {
      bytes.extracting(position..<range.lowerBound).withUnsafeBytes { hash.update($0) }
      hash.update(Array("\(range.count)".utf8))
      position = range.upperBound
    }
    bytes.extracting(position..<end).withUnsafeBytes { hash.update($0) }
    return hash.hexDigest
  }
}
