/// Packs the tensors of a compute graph into one buffer the way ggml's graph allocator does, to learn the buffer's size.
///
/// Inputs are placed first. A result takes the best fitting free block, else room at the end; it takes over a source
/// of the same extents that nothing else needs, where its operation allows. Memory is free again after its last use.
struct GraphAllocator {
  /// The facts of the allocator that were read in ggml-alloc: every block is padded to the backend's alignment.
  let alignment: Int

  private struct Block {
    var offset: Int
    var size: Int
  }

  private var free: [Block] = [Block(offset: 0, size: Int.max / 2)]
  private var peak = 0

  init(alignment: Int = 32) { self.alignment = alignment }

  /// Returns the bytes of the smallest buffer that the graph can be evaluated in.
  static func peakBytes(of graph: ComputeGraph, alignment: Int = 32) -> Int {
    var allocator = GraphAllocator(alignment: alignment)
    return allocator.reserve(graph.nodes, inputs: graph.leaves, order: graph.order)
  }

  /// What host and devices take where devices compute all but the look-ups in tables, which the host keeps.
  struct SplitPeaks: Hashable, Sendable {
    /// One device's part of a graph.
    struct Part: Hashable, Sendable {
      var peak: Int
      /// Copies of what is computed elsewhere, all sets of them.
      var inputs: Int
    }

    /// The host's inputs and what it looks up.
    var host: Int
    /// In the devices' order; one for a graph that is not divided.
    var parts: [Part]
    /// Of a device that has blocks without the output.
    var blocksAlone: Int
  }

  /// Packs the graph as ggml's scheduler splits it: a device is given copies of what its operations read from elsewhere, at the
  /// start and in the order of their first use, and has them until their last.
  ///
  /// - Parameters:
  ///   - firstBlocks: The first block of each device, beginning with 0; the output counts as one more block. Empty where one
  ///     device has all.
  ///   - copies: Sets of inputs that are kept all the time, where several devices work on several evaluations.
  static func splitPeaks(of graph: ComputeGraph, firstBlocks: [Int] = [], copies: Int = 1, alignment: Int = 128)
    -> SplitPeaks
  {
    let divided = DividedGraph(graph, firstBlocks: firstBlocks)
    func bytes(_ tensors: [GraphTensor]) -> Int {
      tensors.reduce(0) { $0 + (graph.nodes[$1.index].bytes + alignment - 1) / alignment * alignment }
    }
    func part(_ order: [GraphTensor]) -> SplitPeaks.Part {
      let inputs = divided.inputs(of: order)
      var nodes = graph.nodes
      if copies > 1 { for input in inputs { nodes[input.index].isOutput = true } }
      let copied = bytes(inputs)
      var allocator = GraphAllocator(alignment: alignment)
      let peak = allocator.reserve(nodes, inputs: inputs, order: order)
      return SplitPeaks.Part(peak: peak + copied * (copies - 1), inputs: copied * copies)
    }
    let blocks = divided.orders.joined().filter { $0.index < graph.outputStart }
    return SplitPeaks(
      host: bytes(graph.leaves) * copies + bytes(divided.looked), parts: divided.orders.map(part),
      blocksAlone: part(blocks).peak)
  }

  private mutating func reserve(_ nodes: [ComputeGraph.Node], inputs: [GraphTensor], order: [GraphTensor]) -> Int {
    var offsets = [Int](repeating: -1, count: nodes.count)
    var users = [Int32](repeating: 0, count: nodes.count)
    var views = [Int32](repeating: 0, count: nodes.count)
    for input in inputs { offsets[input.index] = take(nodes[input.index].bytes) }
    for tensor in order {
      if let viewed = nodes[tensor.index].viewed { views[viewed.index] += 1 }
      for source in nodes[tensor.index].sources { users[source.index] += 1 }
    }
    for tensor in order {
      let node = nodes[tensor.index]
      if !node.isView {
        let reused = node.reusesSource ? reusable(node, nodes, offsets, users, views) : nil
        if let reused {
          offsets[tensor.index] = offsets[reused.index]
          offsets[reused.index] = -1
        } else {
          offsets[tensor.index] = take(node.bytes)
        }
      }
      for source in node.sources {
        users[source.index] -= 1
        guard users[source.index] == 0, views[source.index] == 0 else { continue }
        var owner = source
        if nodes[source.index].isView {
          guard let viewed = nodes[source.index].viewed else { continue }
          views[viewed.index] -= 1
          guard views[viewed.index] == 0, users[viewed.index] == 0 else { continue }
          owner = viewed
        }
        guard offsets[owner.index] >= 0, !nodes[owner.index].isOutput else { continue }
        give(offsets[owner.index], nodes[owner.index].bytes)
        offsets[owner.index] = -1
      }
    }
    return peak
  }

  /// Returns the source whose memory the result may take over.
  private func reusable(
    _ node: ComputeGraph.Node, _ nodes: [ComputeGraph.Node], _ offsets: [Int], _ users: [Int32], _ views: [Int32]
  ) -> GraphTensor? {
    node.sources.first { source in
      let candidate = nodes[source.index]
      return offsets[source.index] >= 0 && !candidate.isOutput && candidate.shape == node.shape
        && candidate.elementBytes == node.elementBytes && users[source.index] == 1 && views[source.index] == 0
    }
  }

  private func padded(_ size: Int) -> Int {
    let (sum, overflow) = size.addingReportingOverflow(alignment - 1)
    return overflow ? Int.max / 4 : sum / alignment * alignment
  }

  private mutating func take(_ bytes: Int) -> Int {
    let size = padded(bytes)
    var best = -1
    for index in free.indices.dropLast() where free[index].size >= size {
      if best < 0 || free[index].size <= free[best].size { best = index }
    }
    if best < 0 { best = free.count - 1 }
    let offset = free[best].offset
    free[best].offset += size
    free[best].size -= size
    if free[best].size <= 0 { free.remove(at: best) }
    peak = max(peak, offset + size)
    return offset
  }

  private mutating func give(_ offset: Int, _ bytes: Int) {
    let size = padded(bytes)
    for index in free.indices {
      if free[index].offset + free[index].size == offset {
        free[index].size += size
        if index + 1 < free.count, free[index].offset + free[index].size == free[index + 1].offset {
          free[index].size += free[index + 1].size
          free.remove(at: index + 1)
        }
        return
      }
      if offset + size == free[index].offset {
        free[index].offset = offset
        free[index].size += size
        if index > 0, free[index - 1].offset + free[index - 1].size == free[index].offset {
          free[index - 1].size += free[index].size
          free.remove(at: index)
        }
        return
      }
    }
    let position = free.firstIndex { $0.offset > offset } ?? free.count
    free.insert(Block(offset: offset, size: size), at: position)
  }
}

/// A graph's operations by who computes them.
private struct DividedGraph {
  /// What the host looks up in tables.
  let looked: [GraphTensor]
  /// Each device's operations in the order of evaluation.
  let orders: [[GraphTensor]]
  private let graph: ComputeGraph

  init(_ graph: ComputeGraph, firstBlocks: [Int]) {
    self.graph = graph
    looked = graph.order.filter { graph.nodes[$0.index].isHost }
    let computed = graph.order.filter { !graph.nodes[$0.index].isHost }
    let starts = graph.blockStarts + [graph.outputStart]
    // What comes before the first block is the first device's.
    // A norm is computed where the tensor before it was; its weight is the first that lies on the next device.
    let cuts = firstBlocks.dropFirst().map { block -> Int in
      guard starts.indices.contains(block) else { return .max }
      return (starts[block]..<max(starts[block], graph.nodes.count)).first { !graph.nodes[$0].isWeightless } ?? .max
    }
    var orders = [[GraphTensor]](repeating: [], count: cuts.count + 1)
    for tensor in computed { orders[cuts.count { $0 <= tensor.index }].append(tensor) }
    self.orders = orders
  }

  /// What the operations read and do not make themselves, in the order of its first use.
  func inputs(of order: [GraphTensor]) -> [GraphTensor] {
    var isKnown = [Bool](repeating: false, count: graph.nodes.count)
    for tensor in order { isKnown[tensor.index] = true }
    var inputs: [GraphTensor] = []
    for tensor in order {
      for source in graph.nodes[tensor.index].sources where !isKnown[source.index] {
        isKnown[source.index] = true
        inputs.append(source)
      }
    }
    return inputs
  }
}
