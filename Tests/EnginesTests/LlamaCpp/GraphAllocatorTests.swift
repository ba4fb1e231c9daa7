import Testing

@testable import Engines

@Suite("Graph allocator")
struct GraphAllocatorTests {
  typealias Shape = ComputeGraph.Shape

  @Test("a chain of elementwise operations takes the memory of its first tensor")
  func reuse() {
    let graph = ComputeGraph()
    let start = graph.result(Shape(64, 1, 1, 1), of: [graph.input(Shape(8, 1, 1, 1))])
    graph.expand(graph.elementwise(graph.elementwise(graph.elementwise(start))))
    #expect(GraphAllocator.peakBytes(of: graph) == 32 + 256)
  }

  @Test("a source that is needed later is not written over")
  func kept() {
    let graph = ComputeGraph()
    let start = graph.result(Shape(64, 1, 1, 1), of: [graph.input(Shape(8, 1, 1, 1))])
    graph.expand(graph.elementwise(graph.elementwise(start), start))
    #expect(GraphAllocator.peakBytes(of: graph) == 32 + 2 * 256)
  }

  @Test("memory is free again after the last use")
  func freed() {
    let graph = ComputeGraph()
    var tensor = graph.result(Shape(64, 1, 1, 1), of: [graph.input(Shape(8, 1, 1, 1))])
    for _ in 0..<10 { tensor = graph.copy(tensor) }
    graph.expand(tensor)
    #expect(GraphAllocator.peakBytes(of: graph) == 32 + 2 * 256)
  }

  @Test("an output stays to the end")
  func output() {
    let graph = ComputeGraph()
    let first = graph.result(Shape(64, 1, 1, 1), of: [graph.input(Shape(8, 1, 1, 1))])
    graph.markOutput(first)
    graph.expand(graph.copy(graph.copy(first)))
    #expect(GraphAllocator.peakBytes(of: graph) == 32 + 3 * 256)
  }

  @Test("a product over 63 bits is reported, not trapped")
  func overflow() {
    let graph = ComputeGraph()
    _ = graph.input(Shape(Int.max, 4, 1, 1))
    #expect(graph.hasOverflowed)
  }
}
