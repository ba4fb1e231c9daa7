import Platform

/// Three arrays in the memory of one node, cut into one part for each thread.
///
/// The threads write to disjoint parts and are joined before anyone reads them, which is why sharing it is sound.
final class MeasuringArrays: @unchecked Sendable {
  typealias Vector = StreamKernels.Vector

  let vectorsPerThread: Int
  let threads: Int
  private let base: UnsafeMutableRawPointer
  private let bytes: Int

  /// Maps the arrays; nil where there is no memory for them.
  ///
  /// - Parameters:
  ///   - node: the memory node to take the pages from; nil for where they are first touched.
  ///   - topology: what binds pages to a node.
  init?(threads: Int, bytesPerArray: Int, node: Int?, topology: LiveTopology?) {
    let stride = MemoryLayout<Vector>.stride
    // Parts start on a page of their own, and stay clear of a multiple of the caches' way size.
    vectorsPerThread = max(4096, bytesPerArray / stride / max(1, threads)) / 64 * 64 + 64
    self.threads = threads
    bytes = 3 * threads * vectorsPerThread * stride
    let map = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | Self.anonymous, -1, 0)
    guard let map, map != MAP_FAILED else { return nil }
    base = map
    if let node, topology?.bind(map, bytes: bytes, toNode: node) != true {
      munmap(map, bytes)
      return nil
    }
    #if os(Linux)
      madvise(map, bytes, 14)  // MADV_HUGEPAGE: fewer page walks, as an engine's own buffers get.
    #endif
  }

  deinit { munmap(base, bytes) }

  #if os(Linux)
    private static let anonymous = MAP_ANONYMOUS
  #else
    private static let anonymous = MAP_ANON
  #endif

  /// The part of an array (0, 1 or 2) that belongs to a thread.
  func part(_ array: Int, _ thread: Int) -> UnsafeMutablePointer<Vector> {
    let offset = (array * threads + thread) * vectorsPerThread
    return base.assumingMemoryBound(to: Vector.self) + offset
  }

  /// The bytes of one array, all threads together.
  var bytesPerArray: Int { threads * vectorsPerThread * MemoryLayout<Vector>.stride }

  /// Writes the thread's parts, so that their pages exist.
  func fill(_ thread: Int) {
    for array in 0..<3 {
      part(array, thread).initialize(repeating: Vector(repeating: Double(array + 1)), count: vectorsPerThread)
    }
  }
}
