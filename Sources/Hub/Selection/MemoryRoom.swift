public import Units

/// Where a file's bytes would find room on a machine, before anything is known of its cache and overheads.
///
/// A first look for listings: `plan` and `fit` read the header and give the verdict that counts.
public struct MemoryRoom: Hashable, Sendable {
  /// All accelerators' memory together.
  public var accelerators: ByteCount
  public var main: ByteCount
  public var isUnified: Bool

  public init(accelerators: ByteCount, main: ByteCount, isUnified: Bool) {
    self.accelerators = accelerators
    self.main = main
    self.isUnified = isUnified
  }

  /// The place that holds the weights.
  public enum Place: String, Hashable, Sendable, Codable {
    case accelerator = "GPU"
    case both = "GPU+RAM"
    case main = "RAM"
    case nowhere = "too large"
  }

  /// Returns the fastest place with room for that many bytes.
  public func place(for bytes: ByteCount) -> Place {
    if isUnified { return bytes <= max(main, accelerators) ? .accelerator : .nowhere }
    if accelerators > .zero, bytes <= accelerators { return .accelerator }
    if bytes <= main { return .main }
    return accelerators > .zero && bytes <= main + accelerators ? .both : .nowhere
  }
}
