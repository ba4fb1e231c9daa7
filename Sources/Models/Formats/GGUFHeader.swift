/// A GGUF file's header: its keys, its tensors and where their data begin.
///
/// Long arrays, vocabularies above all, are not copied: only their length and position are kept.
public struct GGUFHeader: Sendable, Hashable {
  public var version: Int
  public var isBigEndian: Bool
  public var metadata: [String: GGUFValue]
  public var tensors: [GGUFTensor]
  /// Tensor data are placed at multiples of this.
  public var alignment: Int
  /// Where tensor data begin.
  public var dataOffset: Int
  /// SHA-256 of the header in hexadecimal; arrays of over 4096 elements enter by type, count and length only.
  public var digest: String

  /// The end of the last tensor: what the file must be at least.
  public var fileEnd: Int {
    tensors.reduce(dataOffset) { end, tensor in
      let (sum, overflow) = tensor.offset.addingReportingOverflow(tensor.byteCount)
      let (absolute, over) = sum.addingReportingOverflow(dataOffset)
      return max(end, overflow || over ? Int.max : absolute)
    }
  }
}

/// One tensor as the header lists it.
public struct GGUFTensor: Sendable, Hashable {
  public var name: String
  /// The contiguous dimension first.
  public var dimensions: [Int]
  public var type: GGUFType
  /// From the start of the data.
  public var offset: Int
  public var byteCount: Int
}

/// The value of one key.
public enum GGUFValue: Sendable, Hashable {
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case string(String)
  case array(GGUFArray)

  /// The value as a whole number; booleans count 0 and 1.
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The value as a number; booleans count 0 and 1.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  public var array: GGUFArray? {
    guard case .array(let value) = self else { return nil }
    return value
  }
}

/// An array of the header; the elements are kept only for short ones.
public struct GGUFArray: Sendable, Hashable {
  public var count: Int
  /// Where the first element stands in the file.
  public var offset: Int
  public var byteCount: Int
  /// The elements of an array of up to 4096 numbers or booleans.
  public var numbers: [Double]?
  /// The elements of an array of up to 64 strings.
  public var strings: [String]?
}
