import Foundation

/// Writes GGUF headers for tests: any keys, any tensors, either byte order, honest or broken.
public struct GGUFBuilder: Sendable {
  /// A value with its type in the header.
  public enum Value: Sendable {
    case uint8(UInt8), uint32(UInt32), int32(Int32), uint64(UInt64), int64(Int64), float(Float), double(Double)
    case bool(Bool), string(String)
    case uint32s([UInt32]), int32s([Int32]), floats([Float]), bools([Bool]), strings([String])
  }

  public var version: UInt32 = 3
  public var isBigEndian = false
  public var alignment = 32
  public var keys: [(String, Value)] = []
  public var tensors: [(name: String, dimensions: [UInt64], type: UInt32, offset: UInt64)] = []
  /// Written instead of the true counts, for broken files.
  public var claimedTensorCount: UInt64?
  public var claimedKeyCount: UInt64?

  public init(architecture: String? = nil) {
    if let architecture { keys.append(("general.architecture", .string(architecture))) }
  }

  /// Adds a key.
  public mutating func set(_ key: String, _ value: Value) { keys.append((key, value)) }

  /// Adds a tensor; `bytes` is what the next one is placed after.
  public mutating func add(_ name: String, _ dimensions: [UInt64], type: UInt32 = 1, offset: UInt64 = 0) {
    tensors.append((name, dimensions, type, offset))
  }

  /// Returns the header, padded to the alignment.
  public func build() -> [UInt8] {
    var out = Array("GGUF".utf8)
    append(version, to: &out)
    append(claimedTensorCount ?? UInt64(tensors.count), to: &out)
    append(claimedKeyCount ?? UInt64(keys.count), to: &out)
    for (key, value) in keys {
      append(key, to: &out)
      append(value, to: &out)
    }
    for tensor in tensors {
      append(tensor.name, to: &out)
      append(UInt32(tensor.dimensions.count), to: &out)
      for length in tensor.dimensions { append(length, to: &out) }
      append(tensor.type, to: &out)
      append(tensor.offset, to: &out)
    }
    while out.count % alignment != 0 { out.append(0) }
    return out
  }

  /// Writes the header to a file that is grown to `size` with a hole.
  public func write(to path: String, size: Int? = nil) throws {
    try Data(build()).write(to: URL(fileURLWithPath: path))
    if let size { grow(path, to: size) }
  }

  private func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { out += $0 }
  }

  private func append(_ text: String, to out: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &out)
    out += text.utf8
  }

  private func append(_ value: Value, to out: inout [UInt8]) {
    switch value {
    case .uint8(let value): tagged(0, value, &out)
    case .uint32(let value): tagged(4, value, &out)
    case .int32(let value): tagged(5, value, &out)
    case .float(let value): tagged(6, value.bitPattern, &out)
    case .bool(let value): tagged(7, UInt8(value ? 1 : 0), &out)
    case .string(let value):
      append(UInt32(8), to: &out)
      append(value, to: &out)
    case .uint64(let value): tagged(10, value, &out)
    case .int64(let value): tagged(11, value, &out)
    case .double(let value): tagged(12, value.bitPattern, &out)
    case .uint32s(let values): array(4, values, &out) { append($0, to: &$1) }
    case .int32s(let values): array(5, values, &out) { append($0, to: &$1) }
    case .floats(let values): array(6, values, &out) { append($0.bitPattern, to: &$1) }
    case .bools(let values): array(7, values, &out) { append(UInt8($0 ? 1 : 0), to: &$1) }
    case .strings(let values): array(8, values, &out) { append($0, to: &$1) }
    }
  }

  private func tagged(_ type: UInt32, _ value: some FixedWidthInteger, _ out: inout [UInt8]) {
    append(type, to: &out)
    append(value, to: &out)
  }

  private func array<Element>(
    _ type: UInt32, _ values: [Element], _ out: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
  ) {
    append(UInt32(9), to: &out)
    append(type, to: &out)
    append(UInt64(values.count), to: &out)
    for value in values { write(value, &out) }
  }
}
