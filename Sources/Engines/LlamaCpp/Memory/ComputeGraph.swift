/// One tensor of a `ComputeGraph`, by its index there.
struct GraphTensor: Hashable, Sendable {
  let index: Int
}

/// A compute graph as an engine would build it, reduced to what decides how much memory its tensors take.
///
/// Weights and caches lie outside the graph: an operation on them keeps only the tensors of the graph as sources.
/// The order of evaluation is that of a depth-first walk from each expanded tensor, sources left to right.
final class ComputeGraph {
  /// Extents of a tensor, the contiguous dimension first; unused dimensions are 1.
  typealias Shape = SIMD4<Int>

  /// What a tensor of the graph is.
  struct Node {
    var shape: Shape
    /// Bytes of one element.
    var elementBytes: Int
    /// Bytes to allocate; 0 for a view.
    var bytes: Int
    var sources: [GraphTensor]
    /// The tensor whose memory a view shows; nil for one with memory of its own, or a view of outside memory.
    var viewed: GraphTensor?
    var isView: Bool
    /// An input, filled before evaluation, without sources.
    var isLeaf: Bool
    /// The operation may write over one of its sources.
    var reusesSource: Bool
    var isOutput = false
    /// A look-up in a table that stays in the host's memory wherever the layers are.
    var isHost = false
    /// An operation on no weight: nothing says on which device it is computed.
    var isWeightless = false
    /// Elements lie one after the other.
    var isPacked: Bool
  }

  private(set) var nodes: [Node] = []
  /// Leaves in the order in which the walk meets them.
  private(set) var leaves: [GraphTensor] = []
  /// Other tensors in the order of evaluation.
  private(set) var order: [GraphTensor] = []
  /// The first tensor behind the last block: what follows belongs to the output.
  private(set) var outputStart = Int.max
  /// The first tensor of each block.
  private(set) var blockStarts: [Int] = []
  private var isVisited: [Bool] = []
  /// True after a size that does not fit in an `Int`; the graph's figures mean nothing then.
  private(set) var hasOverflowed = false

  init() {
    nodes.reserveCapacity(8192)
  }

  func shape(_ tensor: GraphTensor) -> Shape { nodes[tensor.index].shape }

  func elementCount(_ tensor: GraphTensor) -> Int {
    product(of: nodes[tensor.index].shape)
  }

  private func product(of shape: Shape) -> Int {
    var count = 1
    for dimension in 0..<4 { count = times(count, shape[dimension]) }
    return count
  }

  private func times(_ left: Int, _ right: Int) -> Int {
    let (result, overflow) = left.multipliedReportingOverflow(by: right)
    if overflow { hasOverflowed = true }
    return overflow ? 0 : result
  }

  private func append(_ node: Node) -> GraphTensor {
    nodes.append(node)
    isVisited.append(false)
    return GraphTensor(index: nodes.count - 1)
  }

  /// Adds an input of the given extents.
  func input(_ shape: Shape, elementBytes: Int = 4) -> GraphTensor {
    append(
      Node(
        shape: shape, elementBytes: elementBytes, bytes: times(product(of: shape), elementBytes), sources: [],
        viewed: nil, isView: false, isLeaf: true, reusesSource: false, isPacked: true))
  }

  /// Adds the result of an operation, with memory of its own unless it may take that of a source.
  func result(
    _ shape: Shape, of sources: [GraphTensor], elementBytes: Int = 4, reusesSource: Bool = false
  ) -> GraphTensor {
    append(
      Node(
        shape: shape, elementBytes: elementBytes, bytes: times(product(of: shape), elementBytes), sources: sources,
        viewed: nil, isView: false, isLeaf: false, reusesSource: reusesSource, isPacked: true))
  }

  /// Adds a view of a tensor: a reshaped, permuted or cut form without memory of its own.
  func view(_ tensor: GraphTensor, _ shape: Shape, isPacked: Bool = false, with others: [GraphTensor] = [])
    -> GraphTensor
  {
    let node = nodes[tensor.index]
    return append(
      Node(
        shape: shape, elementBytes: node.elementBytes, bytes: 0, sources: [tensor] + others,
        viewed: node.isView ? node.viewed : tensor, isView: true, isLeaf: false, reusesSource: false,
        isPacked: isPacked))
  }

  /// Adds an operation that writes into memory outside the graph, such as a cache.
  func store(_ sources: [GraphTensor]) -> GraphTensor {
    append(
      Node(
        shape: Shape(repeating: 1), elementBytes: 4, bytes: 0, sources: sources, viewed: nil, isView: true,
        isLeaf: false, reusesSource: false, isPacked: true))
  }

  /// Adds an operation that writes into another tensor of the graph and whose result is that tensor.
  func write(into target: GraphTensor, sources: [GraphTensor]) -> GraphTensor {
    let node = nodes[target.index]
    return append(
      Node(
        shape: node.shape, elementBytes: node.elementBytes, bytes: 0, sources: sources,
        viewed: node.isView ? node.viewed : target, isView: true, isLeaf: false, reusesSource: false,
        isPacked: node.isPacked))
  }

  /// Marks a tensor as kept to the end of the evaluation.
  func markOutput(_ tensor: GraphTensor) { nodes[tensor.index].isOutput = true }

  /// Marks a tensor as computed by the host.
  func markHost(_ tensor: GraphTensor) { nodes[tensor.index].isHost = true }

  /// Marks a tensor as made without a weight.
  func markWeightless(_ tensor: GraphTensor) { nodes[tensor.index].isWeightless = true }

  /// Says that the next block begins here.
  func markBlockStart() { blockStarts.append(nodes.count) }

  /// Says that the blocks end here.
  func markOutputStart() { outputStart = nodes.count }

  /// Appends a tensor and whatever it needs to the order of evaluation.
  func expand(_ tensor: GraphTensor) {
    guard !isVisited[tensor.index] else { return }
    var stack: [(tensor: GraphTensor, next: Int)] = [(tensor, 0)]
    isVisited[tensor.index] = true
    while let top = stack.last {
      let node = nodes[top.tensor.index]
      if top.next < node.sources.count {
        stack[stack.count - 1].next += 1
        let source = node.sources[top.next]
        if !isVisited[source.index] {
          isVisited[source.index] = true
          stack.append((source, 0))
        }
      } else {
        if node.isLeaf { leaves.append(top.tensor) } else { order.append(top.tensor) }
        stack.removeLast()
      }
    }
  }
}
