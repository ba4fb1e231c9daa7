import Models

/// Builds the compute graph of one evaluation as llama.cpp does, block by block.
///
/// What each block creates was read in the engine's graph building code; the facts are its shapes and their order.
final class LlamaGraph {
  typealias Shape = ComputeGraph.Shape

  let graph = ComputeGraph()
  let facts: LlamaModelFacts
  let request: LlamaGraphRequest
  /// Tokens of the evaluation, a multiple of the sequences.
  let tokens: Int
  /// The stream before the block that is being built; a block with two mixers norms it twice.
  var hybridStream: GraphTensor?
  private(set) lazy var positions = graph.input(Shape(tokens * positionsPerToken, 1, 1, 1))
  private(set) lazy var outputIDs = graph.input(Shape(request.outputs, 1, 1, 1))
  private(set) lazy var fullInputs = attentionInputs(isSliding: false)
  private(set) lazy var slidingInputs = attentionInputs(isSliding: true)
  private(set) lazy var positionScale = graph.input(Shape(1, 1, tokens, 1))
  private(set) lazy var latentInputs = attentionInputs(isSliding: false, isLatent: true)
  private(set) lazy var indexerInputs = makeIndexerInputs()
  /// What the last indexer chose.
  var chosenTokens: GraphTensor?
  private(set) lazy var batchMask = attentionMask()
  private(set) lazy var slidingBatchMask = attentionMask()
  private(set) lazy var stateIDs = graph.input(Shape(request.sequences, 1, 1, 1))

  init(_ facts: LlamaModelFacts, _ request: LlamaGraphRequest) {
    self.facts = facts
    self.request = request
    tokens = request.tokensPerSequence * request.sequences
  }

  /// Rotary positions with three axes and a spare are stored as four numbers a token.
  private var positionsPerToken: Int {
    LlamaArchitectureTraits.hasMultiAxisRotary(facts.model) ? 4 : 1
  }

  // MARK: Ends

  /// Adds the token embeddings, by all the ways in which a batch may give them.
  func embeddings(scaleByRow: Bool = false) -> GraphTensor {
    let width = facts.embedding
    let padded = width * (1 + (facts.integer("n_deepstack_layers") ?? 0))
    func picked(_ ids: GraphTensor) -> GraphTensor {
      let rows = graph.tableRows(width: width, ids)
      return padded == width ? rows : graph.result(Shape(padded, graph.shape(ids)[0], 1, 1), of: [rows])
    }
    let fromTokens = picked(graph.input(Shape(tokens, 1, 1, 1)))
    graph.expand(fromTokens)
    graph.expand(graph.input(Shape(padded, tokens, 1, 1)))
    if !LlamaArchitectureTraits.withoutMixedBatches.contains(facts.model.architecture) {
      let ids = graph.input(Shape(tokens, 1, 1, 1))
      let slots = graph.input(Shape(tokens, 1, 1, 1), elementBytes: 8)
      let vectors = graph.copy(graph.input(Shape(padded, tokens, 1, 1)))
      graph.expand(graph.write(into: vectors, sources: [picked(ids), slots, vectors]))
    }
    var current = fromTokens
    if padded != width { current = graph.view(current, Shape(width, tokens, 1, 1)) }
    if facts.isSet("embedding_scale") {
      if padded != width { current = graph.packed(current) }
      current = graph.elementwise(current)
    }
    if scaleByRow {
      current = graph.elementwise(current, graph.input(Shape(1, tokens, 1, 1)))
    }
    graph.expand(current)
    return current
  }

  /// Returns the rows that are to be output.
  func outputRows(of tensor: GraphTensor) -> GraphTensor { graph.rows(of: tensor, outputIDs) }

  /// Adds the last norm and the logits, and expands the graph to them.
  func finish(
    _ tensor: GraphTensor, norm: NormKind, name: String = "output_norm", after operations: Int = 0,
    suppressing suppressed: Int = 0, selectsRows: Bool = false
  ) {
    graph.markOutputStart()
    var current = normalized(tensor, name, norm: norm)
    if selectsRows {
      graph.markOutput(current)
      current = outputRows(of: current)
    }
    graph.markOutput(current)
    current = graph.multiplied(current, rows: facts.vocabulary)
    if facts.has("output.bias") { current = graph.elementwise(current) }
    for _ in 0..<operations { current = graph.elementwise(current) }
    if suppressed > 0 {
      let least = graph.elementwise(graph.input(Shape(suppressed, 1, 1, 1)))
      current = graph.result(graph.shape(current), of: [current, least])
    }
    graph.markOutput(current)
    graph.expand(current)
  }

  private func attentionMask() -> GraphTensor {
    graph.input(Shape(tokens, tokens, 1, 1), elementBytes: request.flashAttention ? 2 : 4)
  }

  // MARK: Norms

  /// How a norm is computed: only the root-mean-square form may write over its source.
  enum NormKind: Sendable { case rootMeanSquare, layer }

  /// Adds a norm with the weight and bias of the given name, where the file has them.
  func normalized(_ tensor: GraphTensor, _ name: String, layer: Int? = nil, norm: NormKind) -> GraphTensor {
    func has(_ name: String) -> Bool { layer.map { facts.has(name, $0) } ?? facts.has(name) }
    var current = plainNorm(tensor, norm)
    if has("\(name).weight") { current = graph.elementwise(current) }
    if has("\(name).bias") { current = graph.elementwise(current) }
    return current
  }

  /// Adds a norm without weight.
  func plainNorm(_ tensor: GraphTensor, _ kind: NormKind) -> GraphTensor {
    let norm = kind == .rootMeanSquare ? graph.elementwise(tensor) : graph.copy(tensor)
    graph.markWeightless(norm)
    return norm
  }

  // MARK: Weights

  /// Adds the product with a layer's weight, and its bias where the file has one.
  func projected(_ tensor: GraphTensor, _ name: String, _ layer: Int, bias: Bool = true, rows: Int? = nil)
    -> GraphTensor
  {
    var current = graph.multiplied(tensor, rows: rows ?? facts.rows(name, layer) ?? 1)
    if facts.has("\(name).scale", layer) { current = graph.elementwise(current) }
    if bias, facts.has("\(name).bias", layer) { current = graph.elementwise(current) }
    return current
  }
}
