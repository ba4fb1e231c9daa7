import CLinux

/// Fresh memory straight from the system, in whole pages, given back when the last reference goes.
///
/// Those who write to it from several threads write to disjoint parts.
public final class AnonymousMemory: @unchecked Sendable {
  // Sound: the address and the size never change; who may write where is the caller's to keep.
  public let base: UnsafeMutableRawPointer
  public let bytes: Int

  /// Maps so many bytes; nil where there is no memory for them, or none on the node.
  ///
  /// Large pages are asked for, as an engine's own buffers get them.
  ///
  /// - Parameter node: the memory node to take the pages from; nil for where they are first touched. Ignored where the
  ///   system has no nodes (macOS).
  public init?(bytes: Int, node: Int? = nil) {
    guard let map = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | Self.anonymous, -1, 0), map != MAP_FAILED
    else { return nil }
    #if os(Linux)
      if let node, plimsoll_bind_memory(map, UInt(bytes), Int32(truncatingIfNeeded: node)) != 0 {
        munmap(map, bytes)
        return nil
      }
      madvise(map, bytes, 14)  // MADV_HUGEPAGE
    #endif
    base = map
    self.bytes = bytes
  }

  deinit { munmap(base, bytes) }

  #if os(Linux)
    private static let anonymous = MAP_ANONYMOUS
  #else
    private static let anonymous = MAP_ANON
  #endif
}
