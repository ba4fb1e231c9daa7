import Foundation

/// Writes safetensors headers for tests, honest or broken.
public struct SafetensorsBuilder: Sendable {
  public var tensors: [(name: String, type: String, shape: [Int], bytes: Int)] = []
  public var metadata: [String: String] = [:]

  public init() {}

  /// Adds a tensor; `bytes` is what the header claims, from its type's width where it is honest.
  public mutating func add(_ name: String, _ type: String, _ shape: [Int], bytes: Int) {
    tensors.append((name, type, shape, bytes))
  }

  /// Returns length and header.
  public func build() throws -> [UInt8] {
    var members: [String: Any] = [:]
    if !metadata.isEmpty { members["__metadata__"] = metadata }
    var offset = 0
    for tensor in tensors {
      members[tensor.name] = [
        "dtype": tensor.type, "shape": tensor.shape, "data_offsets": [offset, offset + tensor.bytes],
      ]
      offset += tensor.bytes
    }
    let header = try JSONSerialization.data(withJSONObject: members)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
  }

  /// Writes the header to a file that is grown to hold the tensors with a hole.
  public func write(to path: String) throws {
    let bytes = try build()
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    grow(path, to: bytes.count + tensors.reduce(0) { $0 + $1.bytes })
  }
}
